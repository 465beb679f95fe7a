"""Where things are in this checkout, and small ways to handle them. Readable by Python 3.8."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
CACHE = ROOT / ".cache"
LOGS = CACHE / "setup"
VENV = ROOT / ".venv"
WEB = ROOT / "web"
WEB_DIST = ROOT / "src" / "ai_chat" / "web_dist"
CHROMIUM = CACHE / "chromium" / "chromium"
PACKED_CHROMIUM = WEB / "node_modules" / "@sparticuz" / "chromium" / "bin" / "chromium.br"
REQUIREMENTS = ROOT / "requirements.lock"
REQUIREMENTS_DEV = ROOT / "requirements-dev.lock"


def short(path: Path) -> str:
    """The path as someone in the checkout would write it."""
    return os.path.relpath(str(path), str(ROOT))


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(text)
    part.chmod(mode)
    part.replace(path)


def unlink(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
