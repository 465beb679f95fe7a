"""`python -m ai_chat.features.files.look_at_image SOURCE FOLDER`: makes a clean picture and a thumbnail of what was sent.

Everything is drawn anew: where and when a photograph was taken, and whatever else hides in a file beside its picture, is left
behind. No model looks at more than 2,048 pixels, so no more is kept.
"""

import warnings
from dataclasses import asdict
from pathlib import Path

from PIL import Image, ImageOps

from ai_chat.features.files.apart import Unusable, report
from ai_chat.features.files.findings import MAIN, THUMBNAIL, Finding

MOST_PIXELS = 50_000_000
"""A phone's 48 megapixels; a bomb promises more."""
LONGEST_SIDE = 2048
THUMBNAIL_SIDE = 512
_MOST_FRAMES = 300
_FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
_PIXELS_A_TOKEN = 750
_FEWEST_TOKENS, _MOST_TOKENS = 85, 1600


def look(source: Path, folder: Path) -> Finding:
    """FILE_UNREADABLE for what is broken or larger than it may be."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(source, formats=list(_FORMATS)) as opened:
            return _redraw(opened, folder)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise Unusable(
            "FILE_UNREADABLE", f"The image has more than {MOST_PIXELS // 1_000_000} megapixels."
        ) from problem
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as problem:
        raise Unusable("FILE_UNREADABLE", "The image is damaged.") from problem


def _redraw(opened: Image.Image, folder: Path) -> Finding:
    name = opened.format or "PNG"
    frames = getattr(opened, "n_frames", 1)
    if name == "GIF" and 1 < frames <= _MOST_FRAMES and opened.width * opened.height * frames <= MOST_PIXELS:
        opened.save(folder / MAIN, "GIF", save_all=True, comment=b"")
        opened.seek(0)
        first, size = opened.convert("RGBA"), opened.size
    else:
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large photograph is not unfolded whole
        first = ImageOps.exif_transpose(opened)
        first.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        name = "PNG" if name == "GIF" else name
        first = _plain(first, name)
        if name == "JPEG":
            first.save(folder / MAIN, "JPEG", quality=88, optimize=True)
        elif name == "WEBP":
            first.save(folder / MAIN, "WEBP", quality=88, exif=b"", xmp=b"")
        else:
            first.save(folder / MAIN, "PNG", compress_level=6)
        size = first.size
    small = first.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    small.save(folder / THUMBNAIL, "WEBP", quality=78)
    tokens = min(_MOST_TOKENS, max(_FEWEST_TOKENS, size[0] * size[1] // _PIXELS_A_TOKEN))
    return Finding("image", _FORMATS[name], tokens, *size)


def _plain(image: Image.Image, name: str) -> Image.Image:
    """The same picture with nothing but pixels, in colours that every reader knows."""
    mode = "RGB" if name == "JPEG" or not image.has_transparency_data else "RGBA"
    if image.mode == "L" and mode == "RGB":
        mode = "L"
    clean = image.convert(mode)
    clean.info = {}
    return clean


if __name__ == "__main__":
    report(lambda source, folder: asdict(look(source, folder)))
