"""The package is built with the machine's compiler, with one from a package, or without compiled loops."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("cleaner", "rules", "schemas")
FILES = ("LICENSE", "MANIFEST.in", "README.md", "build_backend.py", "pyproject.toml", "setup.py")


@pytest.fixture
def backend(monkeypatch):
    spec = importlib.util.spec_from_file_location("build_backend", ROOT / "build_backend.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "has_headers", lambda: True)
    monkeypatch.setattr(module.sys, "platform", "linux")
    monkeypatch.setattr(module.platform, "machine", lambda: "x86_64")
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.delenv("LDSHARED", raising=False)
    monkeypatch.delenv(module.VARIABLE, raising=False)
    return module


@pytest.fixture
def no_compiler(backend, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CC", "cc-that-is-not-there -pthread")
    return backend


def test_a_machine_with_a_compiler_needs_no_other(backend, monkeypatch):
    monkeypatch.setenv("CC", f"{sys.executable} -O2")
    assert backend.get_requires_for_build_wheel() == []


def test_a_machine_without_a_compiler_asks_for_one(no_compiler):
    assert no_compiler.get_requires_for_build_wheel() == [no_compiler.ZIG]
    assert no_compiler.get_requires_for_build_editable() == [no_compiler.ZIG]


@pytest.mark.parametrize("reason", ["plain", "headers", "machine", "windows"])
def test_a_compiler_that_would_not_help_is_not_asked_for(reason, no_compiler, monkeypatch):
    if reason == "plain":
        monkeypatch.setenv(no_compiler.VARIABLE, "plain")
    elif reason == "headers":
        monkeypatch.setattr(no_compiler, "has_headers", lambda: False)
    elif reason == "machine":
        monkeypatch.setattr(no_compiler.platform, "machine", lambda: "s390x")
    else:
        monkeypatch.setattr(no_compiler.sys, "platform", "win32")
    assert no_compiler.get_requires_for_build_wheel() == []


def test_the_compiler_of_the_package_is_used(no_compiler, monkeypatch):
    monkeypatch.setattr(no_compiler, "find_spec", lambda name: name == "ziglang")
    no_compiler.use_zig()
    assert os.environ["CC"].endswith("-m ziglang cc")
    assert os.environ["LDSHARED"].endswith("-m ziglang cc -shared")


def test_without_the_package_nothing_is_set(no_compiler, monkeypatch):
    monkeypatch.setattr(no_compiler, "find_spec", lambda name: None)
    no_compiler.use_zig()
    assert "LDSHARED" not in os.environ


@pytest.mark.parametrize("way", ["compiler fails", "plain"])
def test_the_package_is_built_where_nothing_can_be_compiled(way, tmp_path):
    source = tmp_path / "source"
    for folder in FOLDERS:
        shutil.copytree(
            ROOT / folder, source / folder, ignore=shutil.ignore_patterns("*.so", "*.pyd", "__pycache__", "*.c")
        )
    for name in FILES:
        shutil.copy(ROOT / name, source / name)
    environment = {**os.environ, "CC": sys.executable, "COPYDESK_BUILD": "plain" if way == "plain" else ""}
    # with the names of the arguments that installers use
    code = """import sys; sys.path.insert(0, "."); import build_backend
print(build_backend.build_wheel(wheel_directory=sys.argv[1], config_settings=None, metadata_directory=None))"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=source, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    wheel = zipfile.ZipFile(tmp_path / done.stdout.splitlines()[-1])
    names = wheel.namelist()
    loops = [*ROOT.glob("cleaner/kernel/loops/*.py"), *ROOT.glob("schemas/loops/*.py")]
    assert {f"copydesk/{path.relative_to(ROOT).as_posix()}" for path in loops} <= {*names}
    assert [name for name in names if name.endswith((".so", ".pyd"))] == []
    shown = next(wheel.read(name) for name in names if name.endswith("/METADATA")).decode()
    assert "](https://github.com/OWNER/copydesk/blob/main/docs/start.md)" in shown
    assert "](docs/" not in shown
    assert 'src="docs/' not in shown
    said = [line for line in done.stderr.splitlines() if line.startswith("copydesk: ")]
    assert len(said) == (0 if way == "plain" else len(loops) - 2)
    assert all("is not compiled; the plain kernel will run" in line for line in said)
