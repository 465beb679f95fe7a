"""Looking into a file: in a process of its own that knows no secrets, has little memory and time, and may be killed.

Files come from strangers. What reads pictures and PDFs is a large amount of code, some of it can be made to calculate for
ever or to need all memory, and neither may happen where everybody's answers are written.
"""

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

import structlog

from ai_chat.features.files.findings import Finding, Unusable

_SECONDS = 30
_AT_ONCE = 2
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_TEXT_TYPES = {
    ".md": "text/markdown", ".markdown": "text/markdown", ".csv": "text/csv", ".tsv": "text/tab-separated-values",
    ".json": "application/json", ".html": "text/html", ".xml": "application/xml", ".svg": "image/svg+xml",
    ".yaml": "application/yaml", ".yml": "application/yaml",
}  # fmt: skip
"""What text is called by the end of its name: only said, never acted upon."""

log = structlog.get_logger()


class Inspection:
    """Looks into files, a few at a time."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def look(self, source: Path, folder: Path, name: str) -> Finding:
        """What `source` is by its content; its parts are written into `folder`. Unusable where it cannot be used."""
        beginning = await asyncio.to_thread(_beginning, source)
        inspector = inspector_for(beginning)
        async with self._turns:
            finding = await _run(inspector, source, folder)
        if finding.kind == "text":
            said = _TEXT_TYPES.get(Path(name.lower()).suffix, "text/plain")
            finding = Finding("text", said, finding.tokens)
        return finding


def inspector_for(beginning: bytes) -> str:
    """Who looks at a file that begins so."""
    if beginning.startswith(_IMAGES) or (beginning.startswith(b"RIFF") and beginning[8:12] == b"WEBP"):
        return "look_at_image"
    if b"%PDF-" in beginning[:1024]:
        return "look_at_pdf"
    return "look_at_text"


def _beginning(source: Path) -> bytes:
    with source.open("rb") as file:
        return file.read(1024)


async def _run(inspector: str, source: Path, folder: Path) -> Finding:
    # Neither keys nor addresses of databases: only what a Python needs to find its modules.
    needed = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "SYSTEMROOT", "TMPDIR")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"ai_chat.features.files.{inspector}", str(source), str(folder),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in needed if name in os.environ},
    )  # fmt: skip
    try:
        async with asyncio.timeout(_SECONDS):
            said, _ = await process.communicate()
    except TimeoutError as problem:
        raise Unusable("FILE_UNREADABLE", "Reading the file took too long.") from problem
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    try:
        found = json.loads(said)
    except ValueError as problem:
        log.warning("a file could not be looked into", inspector=inspector, ended_with=process.returncode)
        raise Unusable("FILE_UNREADABLE") from problem
    if "unusable" in found:
        raise Unusable(found["unusable"], found["message"])
    return Finding(**found)
