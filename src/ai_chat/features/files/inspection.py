"""What a file is, by its content: who looks into it is chosen by how it begins."""

import asyncio
from pathlib import Path

from ai_chat.features.files.apart import Apart
from ai_chat.features.files.findings import Finding

_SECONDS = 30
_AT_ONCE = 2
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_TEXT_TYPES = {
    ".md": "text/markdown", ".markdown": "text/markdown", ".csv": "text/csv", ".tsv": "text/tab-separated-values",
    ".json": "application/json", ".html": "text/html", ".xml": "application/xml", ".svg": "image/svg+xml",
    ".yaml": "application/yaml", ".yml": "application/yaml",
}  # fmt: skip
"""What text is called by the end of its name: only said, never acted upon."""


class Inspection:
    """Looks into files, a few at a time."""

    def __init__(self) -> None:
        self._apart = Apart(at_once=_AT_ONCE, seconds=_SECONDS)

    async def look(self, source: Path, folder: Path, name: str) -> Finding:
        """What `source` is by its content; its parts are written into `folder`. Unusable where it cannot be used."""
        beginning = await asyncio.to_thread(_beginning, source)
        inspector = inspector_for(beginning)
        finding = Finding(**await self._apart.run(f"ai_chat.features.files.{inspector}", source, folder))
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
