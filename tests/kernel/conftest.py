"""The slow second implementation of the kernel."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

NAME = "copydesk_reference"


@pytest.fixture(scope="session")
def reference():
    """Return the module `reference.py` of this folder."""
    if NAME not in sys.modules:
        spec = importlib.util.spec_from_file_location(NAME, Path(__file__).with_name("reference.py"))
        sys.modules[NAME] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[NAME])
    return sys.modules[NAME]
