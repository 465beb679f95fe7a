"""The browser is found where the set-up put it, or where CHROMIUM says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.chromium import ChromiumNotFoundError, find_chromium


def test_it_starts(chromium_path: Path) -> None:
    version = subprocess.run(
        [chromium_path, "--version"], capture_output=True, text=True, check=True, timeout=30
    ).stdout

    assert "hrom" in version, version


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", sys.executable)

    assert find_chromium() == Path(sys.executable)


def test_a_wrong_path_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/no/such/browser")

    with pytest.raises(ChromiumNotFoundError, match="CHROMIUM=/no/such/browser is not an executable file"):
        find_chromium()
