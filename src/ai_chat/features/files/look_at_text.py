"""`python -m ai_chat.features.files.look_at_text SOURCE FOLDER`: text of any kind, made UTF-8.

A file is text when it reads as text, whatever it is called. Beside Unicode the one old encoding is known that is still about:
spreadsheets on Russian Windows write it to this day.
"""

import unicodedata
from dataclasses import asdict
from pathlib import Path

from ai_chat.features.files.apart import Unusable, report
from ai_chat.features.files.findings import MAIN, Finding
from ai_chat.kernel.text import storable_piece
from ai_chat.kernel.tokens import estimate_tokens

MOST_CHARACTERS = 4_000_000
_BLANKS = "\t\n\r\f\v\x1b"


def look(source: Path, folder: Path) -> Finding:
    """FILE_TYPE_UNSUPPORTED for what is no text, FILE_WITHOUT_TEXT for what has no word."""
    text = decoded(source.read_bytes())
    if text is None:
        raise Unusable("FILE_TYPE_UNSUPPORTED")
    return keep(text, folder / MAIN, Finding("text", "text/plain", 0))


def keep(text: str, target: Path, finding: Finding) -> Finding:
    """Stores what a model will read, and counts it."""
    text = storable_piece(text)
    if not text.strip():
        raise Unusable("FILE_WITHOUT_TEXT")
    if len(text) > MOST_CHARACTERS:
        raise Unusable("FILES_TOO_LONG", f"The text is longer than {MOST_CHARACTERS:,} characters.")
    target.write_text(text, encoding="utf-8", newline="")
    return Finding(finding.kind, finding.type, estimate_tokens(text))


def decoded(content: bytes) -> str | None:
    """The text, or None where it is none."""
    with_mark = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if with_mark else ("utf-8-sig", "cp1251"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _reads_as_text(text, strictly=encoding == "cp1251"):
            return text
    return None


def _reads_as_text(text: str, *, strictly: bool) -> bool:
    """No control characters; where the encoding is a guess, mostly letters too."""
    if any(ord(sign) < 32 and sign not in _BLANKS for sign in set(text)):
        return False
    if not strictly:
        return True
    sample = text[:20_000]
    odd = sum(
        1 for sign in sample if ord(sign) > 127 and not unicodedata.category(sign).startswith(("L", "P", "Z", "N"))
    )
    return odd * 50 <= len(sample)


if __name__ == "__main__":
    report(lambda source, folder: asdict(look(source, folder)))
