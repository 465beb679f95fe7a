"""Where the browser of the end-to-end tests is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

EXTERNAL_PATH = "CHROMIUM"

# As root, and in containers, the sandbox cannot be built; `--single-process` and `--no-zygote` would look helpful and make
# the browser die with its second context.
LAUNCH_ARGUMENTS = ("--no-sandbox", "--disable-quic")

_UNPACKED = Path(__file__).resolve().parents[2] / ".cache" / "chromium" / "chromium"
_SYSTEM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


class ChromiumNotFoundError(RuntimeError):
    """No browser for the end-to-end tests; the message says what to do."""


def find_chromium() -> Path:
    """$CHROMIUM, else the one that `make test` unpacked, else a system's."""
    asked = os.environ.get(EXTERNAL_PATH)
    if asked:
        found = shutil.which(asked)
        if found is None:
            raise ChromiumNotFoundError(f"{EXTERNAL_PATH}={asked} is not an executable file.")
        return Path(found)
    if os.access(_UNPACKED, os.X_OK):
        return _UNPACKED
    for name in _SYSTEM:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    if os.access(_MACOS, os.X_OK):
        return _MACOS
    raise ChromiumNotFoundError(
        f"No Chromium for the end-to-end tests: run `make test`, which unpacks one, or set {EXTERNAL_PATH} to a browser's path."
    )
