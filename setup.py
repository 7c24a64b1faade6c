"""Compile the loops of the kernel. All other settings of the build are in pyproject.toml.

Without a compiler, the package is installed without them.
"""

from Cython.Build import cythonize
from setuptools import Extension, setup

NAMES = ("automaton",)

setup(
    ext_modules=cythonize(
        [
            Extension(f"copydesk.cleaner.kernel.loops.{name}", [f"cleaner/kernel/loops/{name}.py"], optional=True)
            for name in NAMES
        ],
        build_dir="build",
    )
)
