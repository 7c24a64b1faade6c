"""The build of the package: setuptools, with a compiler from a package where the machine has none.

The compiled loops of the kernel (`cleaner/kernel/loops`) need a C compiler. Where there is none, this backend asks for
the package `ziglang`, which contains one, for the time of the build only. `COPYDESK_BUILD=plain` builds without
compiled loops; they give the same results as the plain ones, in less time.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from setuptools import build_meta

build_sdist = build_meta.build_sdist
get_requires_for_build_sdist = build_meta.get_requires_for_build_sdist
prepare_metadata_for_build_wheel = build_meta.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = build_meta.prepare_metadata_for_build_editable

VARIABLE = "COPYDESK_BUILD"
PLAIN = "plain"
ZIG = "ziglang>=0.15,<0.17"
_ZIG_MACHINES = {"aarch64", "arm64", "x86_64"}  # machines that ziglang has wheels for


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    """Return what a build needs beside what pyproject.toml names: a compiler, if the machine has none."""
    return build_meta.get_requires_for_build_wheel(config_settings) + missing_compiler()


def get_requires_for_build_editable(config_settings: dict[str, Any] | None = None) -> list[str]:
    """Return the same for an editable installation."""
    return build_meta.get_requires_for_build_editable(config_settings) + missing_compiler()


def build_wheel(
    wheel_directory: str, config_settings: dict[str, Any] | None = None, metadata_directory: str | None = None
) -> str:
    """Build the wheel. Return its name."""
    use_zig()
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(
    wheel_directory: str, config_settings: dict[str, Any] | None = None, metadata_directory: str | None = None
) -> str:
    """Build the wheel of an editable installation. Return its name."""
    use_zig()
    return build_meta.build_editable(wheel_directory, config_settings, metadata_directory)


def missing_compiler() -> list[str]:
    """Return the package that has a compiler, if the machine needs it and it would help."""
    helps = sys.platform != "win32" and platform.machine() in _ZIG_MACHINES and has_headers()
    wanted = os.environ.get(VARIABLE) != PLAIN
    return [ZIG] if wanted and helps and not has_compiler() else []


def use_zig() -> None:
    """Have setuptools compile with the package `ziglang` if the machine has no compiler and that is installed."""
    if missing_compiler() and find_spec("ziglang"):
        zig = shlex.join([sys.executable, "-m", "ziglang", "cc"])
        os.environ["CC"] = zig
        os.environ["LDSHARED"] = (
            f"{zig} {'-bundle -undefined dynamic_lookup' if sys.platform == 'darwin' else '-shared'}"
        )


def has_compiler() -> bool:
    """Return whether the compiler that setuptools would call is there."""
    command = os.environ.get("CC") or sysconfig.get_config_var("CC") or ""
    words = shlex.split(command)
    return bool(words) and shutil.which(words[0]) is not None


def has_headers() -> bool:
    """Return whether the header files of Python are there, without which no compiler helps."""
    return Path(sysconfig.get_paths()["include"], "Python.h").is_file()
