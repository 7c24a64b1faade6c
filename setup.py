"""Compile the loops of the kernel, and show README.md on a package index. The rest is in pyproject.toml."""

import os
import re
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

LOOPS = (Path("cleaner", "kernel", "loops"), Path("schemas", "loops"))
REPOSITORY = "https://github.com/OWNER/copydesk"
FLAGS = os.environ.get("COPYDESK_BUILD_FLAGS", "").split()  # such as -fsanitize=address


class BuildLoops(build_ext):
    """Compile each module of loops. Where that is not possible, the package is built without it."""

    def build_extension(self, extension: Extension) -> None:
        """Compile one module, or say in one line that the plain one will run."""
        try:
            super().build_extension(extension)
        except Exception as error:  # a compiler can fail in any way, and the package works without
            if FLAGS:
                raise
            print(
                f"copydesk: {extension.name} is not compiled; the plain kernel will run, slower: {error}",
                file=sys.stderr,
            )


def find_loops() -> list[Extension]:
    """Return the modules to compile: none if `COPYDESK_BUILD` is `plain`."""
    if os.environ.get("COPYDESK_BUILD") == "plain":
        return []
    from Cython.Build import cythonize  # not needed for a plain build

    sources = sorted(path for folder in LOOPS for path in folder.glob("*.py") if path.stem != "__init__")
    modules = [
        Extension(
            ".".join(["copydesk", *path.with_suffix("").parts]),
            [path.as_posix()],
            optional=not FLAGS,
            extra_compile_args=FLAGS,
            extra_link_args=FLAGS,
        )
        for path in sources
    ]
    return cythonize(modules, build_dir="build")


def read_readme() -> str:
    """Return README.md with links to the repository: those between its files work there only."""
    text = Path("README.md").read_text("utf-8")
    text = re.sub(r"\]\((?!https?:|#)", f"]({REPOSITORY}/blob/main/", text)
    return re.sub(r'(src|srcset)="(?!https?:)', rf'\1="{REPOSITORY}/raw/main/', text)


setup(
    ext_modules=find_loops(),
    cmdclass={"build_ext": BuildLoops},
    long_description=read_readme(),
    long_description_content_type="text/markdown",
)
