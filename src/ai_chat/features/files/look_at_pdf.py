"""`python -m ai_chat.features.files.look_at_pdf SOURCE FOLDER`: the text of a PDF, page by page.

Every model can read text, and nobody pays for pages; a scan has none and is refused with a way out (send it as images).
"""

import logging
import shutil
from dataclasses import asdict
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

from ai_chat.features.files.apart import Unusable, report
from ai_chat.features.files.findings import MAIN, TEXT, Finding
from ai_chat.features.files.look_at_text import MOST_CHARACTERS, keep

MOST_PAGES = 2000


def look(source: Path, folder: Path) -> Finding:
    """FILE_UNREADABLE for what is broken or locked, FILE_WITHOUT_TEXT for a scan."""
    logging.disable(logging.CRITICAL)
    try:
        reader = PdfReader(source)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unusable("FILE_UNREADABLE", "The PDF is protected by a password.")
        if len(reader.pages) > MOST_PAGES:
            raise Unusable("FILES_TOO_LONG", f"The PDF has more than {MOST_PAGES} pages.")
        pages, length = [], 0
        for number, page in enumerate(reader.pages, 1):
            text = page.extract_text().strip()
            length += len(text)
            if text:
                pages.append(f"[page {number}]\n{text}")
            if length > MOST_CHARACTERS:
                break
    except Unusable:
        raise
    except (DependencyError, FileNotDecryptedError) as problem:
        raise Unusable("FILE_UNREADABLE", "The PDF is protected by a password.") from problem
    except (
        PyPdfError,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
    ) as problem:
        raise Unusable("FILE_UNREADABLE", "The PDF is damaged.") from problem
    shutil.copyfile(source, folder / MAIN)
    return keep("\n\n".join(pages), folder / TEXT, Finding("document", "application/pdf", 0))


if __name__ == "__main__":
    report(lambda source, folder: asdict(look(source, folder)))
