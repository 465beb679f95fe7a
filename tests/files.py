"""Files as people attach them, made to order."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import aiohttp
from PIL import Image, PngImagePlugin

from tests.product import Answer, Api

VISION, BLIND = "openai/gpt-4o-mini", "openai/gpt-3.5-turbo"


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), colour: str = "#3a7", **options: Any) -> bytes:
    """An image of one colour."""
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind, **options)
    return buffer.getvalue()


def photograph() -> bytes:
    """A JPEG that says where it was taken, lying on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90°
    exif[0x010F] = "SECRET-CAMERA"
    exif.get_ifd(0x8825)[2] = (55.0, 45.0, 7.0)
    return picture("JPEG", (80, 40), exif=exif)


def annotated() -> bytes:
    """A PNG with texts beside its picture."""
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "SECRET-NOTE")
    return picture("PNG", pnginfo=notes)


def animation() -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue", "white")]
    buffer = BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=50, comment=b"SECRET-GIF")
    return buffer.getvalue()


def pdf(*pages: str) -> bytes:
    """A PDF with a page for each text (Latin letters only)."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode() if text else b""
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream))
        font = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources %b >>"
            % (len(objects), font)
        )
        kids.append(len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    written, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1, table, len(objects) + 1, start,
    )  # fmt: skip
    return bytes(written)


async def upload(api: Api, content: bytes, name: str = "picture.png") -> Answer:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", BytesIO(content), filename=name, content_type="application/octet-stream")
    async with api.session.post(f"{api.url}/api/files", data=form, headers=api.headers()) as response:
        return Answer(response.status, response.headers, await response.text())


async def uploaded(api: Api, content: bytes | None = None, name: str = "picture.png") -> str:
    """The id of a file of theirs."""
    return str((await upload(api, picture() if content is None else content, name)).data["id"])


async def download(api: Api, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    async with api.session.get(api.url + path, headers=api.headers(headers)) as response:
        return response.status, response.headers, await response.read()
