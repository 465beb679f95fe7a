"""Files on their way in and out: what is taken, what is refused and why, and who may see it."""

import asyncio
import re
import zlib
from io import BytesIO

from PIL import Image

from ai_chat.features.files.sweeping import FileSweep
from tests.api.helpers import assert_refused
from tests.files import animation, annotated, download, pdf, photograph, picture, upload, uploaded
from tests.product import PASSWORD, Api, Product

TYPES = {
    "a PNG": (picture("PNG"), "x.txt", "image", "image/png"),
    "a JPEG": (picture("JPEG"), "x.png", "image", "image/jpeg"),
    "a WebP": (picture("WEBP"), "x", "image", "image/webp"),
    "a GIF": (animation(), "x.gif", "image", "image/gif"),
    "a PDF": (pdf("Hello"), "report.pdf", "document", "application/pdf"),
    "Markdown": ("# Заголовок".encode(), "a.md", "text", "text/markdown"),
    "CSV of Russian Windows": ("имя;сумма\nАнна;5".encode("cp1251"), "a.csv", "text", "text/csv"),
    "UTF-16": ("Привет".encode("utf-16"), "a.txt", "text", "text/plain"),
    "code": (b"def main() -> None: ...", "a.py", "text", "text/plain"),
    "JSON": (b'{"a": 1}', "a.json", "text", "application/json"),
    "a page": (b"<script>alert(1)</script>", "a.png", "text", "text/plain"),
    "an SVG": (b"<svg onload=alert(1)>", "a.svg", "text", "image/svg+xml"),
}


async def test_the_content_decides_what_a_file_is(product: Product) -> None:
    user = await product.user()
    for content, name, kind, media_type in TYPES.values():
        info = (await upload(user, content, name)).data
        assert (info["kind"], info["type"], info["name"]) == (kind, media_type, name)
        status, headers, body = await download(user, f"/api/files/{info['id']}")
        assert status == 200
        assert len(body) == info["size"]
        served = {"image": media_type, "document": "application/pdf", "text": "text/plain; charset=utf-8"}[kind]
        assert headers["Content-Type"] == served, "text is never served as anything that a browser would run"
        assert headers["Content-Disposition"].startswith("inline" if kind == "image" else "attachment")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["Cache-Control"].startswith("private")


def bomb() -> bytes:
    """A small PNG that says it is 30,000 by 30,000."""
    head = b"\x00\x00\x75\x30" * 2 + b"\x08\x02\x00\x00\x00"
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100_000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4) for kind, data in chunks
    )


REFUSED = {
    "a program": (b"\x7fELF\x02\x01\x01\0\0\0\0" * 50, "FILE_TYPE_UNSUPPORTED"),
    "a zip": (b"PK\x03\x04\x14\0\0\0" * 20, "FILE_TYPE_UNSUPPORTED"),
    "noise": (bytes(range(256)) * 40, "FILE_TYPE_UNSUPPORTED"),
    "half a picture": (picture("PNG", (300, 300))[:60], "FILE_UNREADABLE"),
    "a picture that is none": (b"\x89PNG\r\n\x1a\n" + b"<script>" * 20, "FILE_UNREADABLE"),
    "a bomb": (bomb(), "FILE_UNREADABLE"),
    "a broken PDF": (b"%PDF-1.4\n<< broken", "FILE_UNREADABLE"),
    "a scan": (pdf(""), "FILE_WITHOUT_TEXT"),
    "blanks": (b" \n \t ", "FILE_WITHOUT_TEXT"),
}


async def test_what_cannot_be_used_is_refused_with_its_reason(product: Product) -> None:
    user = await product.user()
    answers = await asyncio.gather(*(upload(user, content, "a.png") for content, _ in REFUSED.values()))
    for (what, (_, code)), answer in zip(REFUSED.items(), answers, strict=True):
        assert (answer.status, answer.code) == (400, code), what
    assert (await user.get("/api/files/allowance")).data["storage"]["used"] == 0


async def test_bodies_that_are_no_upload_are_refused(product: Product) -> None:
    user = await product.user()
    assert_refused(await user.post("/api/files", {}), 400, "VALIDATION_ERROR")
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (
        b"",
        b"--x\r\nbroken",
        b"--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--x--',
    ):
        assert_refused(await user.post("/api/files", data=body, headers=form), 400, "VALIDATION_ERROR")
    assert_refused(
        await user.post("/api/files", data=b"x", headers={"Content-Type": "multipart/form-data"}),
        400,
        "VALIDATION_ERROR",
    )
    assert_refused(await upload(user, b""), 400, "VALIDATION_ERROR")


async def test_an_image_loses_what_it_says_about_its_person(product: Product) -> None:
    user = await product.user()
    info = (await upload(user, photograph(), "photo.jpg")).data
    assert (info["width"], info["height"]) == (40, 80), "it stands upright by itself"
    _, _, body = await download(user, f"/api/files/{info['id']}")
    assert b"SECRET" not in body
    assert not Image.open(BytesIO(body)).getexif()
    for content in (annotated(), animation()):
        _, _, body = await download(user, f"/api/files/{await uploaded(user, content)}")
        assert b"SECRET" not in body


async def test_a_large_image_is_made_as_large_as_models_look_at(product: Product) -> None:
    user = await product.user()
    info = (await upload(user, picture("JPEG", (5000, 2500)), "large.jpg")).data
    assert (info["width"], info["height"]) == (2048, 1024)
    status, headers, body = await download(user, f"/api/files/{info['id']}/thumbnail")
    assert (status, headers["Content-Type"]) == (200, "image/webp")
    assert Image.open(BytesIO(body)).size == (512, 256)


NAMES = {
    "../../etc/passwd": "passwd",
    "C:\\Users\\анна\\отчёт.txt": "отчёт.txt",
    "a\u202egpj.exe": "a gpj.exe",
    "x" * 300 + ".md": "x" * 252 + ".md",
    "...": "file",
    "<img src=x onerror=fired()>": "<img src=x onerror=fired()>",
}


async def test_names_are_kept_and_steer_nothing(product: Product) -> None:
    user = await product.user()
    for sent, shown in NAMES.items():
        info = (await upload(user, b"text", sent)).data
        assert info["name"] == shown
        _, headers, _ = await download(user, f"/api/files/{info['id']}")
        plain = r"attachment; filename=\"[\w .-]*\"; filename\*=UTF-8''\S+"
        assert re.fullmatch(plain, headers["Content-Disposition"], re.ASCII)


async def test_a_file_is_its_owner_s_alone_and_not_sent_twice(product: Product) -> None:
    owner, stranger = await product.user(), await product.user("premium")
    file = await uploaded(owner)
    for path in (f"/api/files/{file}", f"/api/files/{file}/thumbnail"):
        assert_refused(await stranger.get(path), 404, "FILE_NOT_FOUND")
        assert (await product.anonymous.get(path)).status == 401
        status, headers, _ = await download(owner, path)
        assert status == 200
        assert (await download(owner, path, **{"If-None-Match": headers["ETag"]}))[0] == 304
    assert_refused(await stranger.delete(f"/api/files/{file}"), 404, "FILE_NOT_FOUND")
    chat = await stranger.new_chat()
    refused = await stranger.post(f"/api/chat/{chat}/message", {"content": "Mine?", "attachments": [file]})
    assert_refused(refused, 404, "FILE_NOT_FOUND")
    assert await stranger.messages(chat) == []


async def test_a_file_that_was_not_sent_can_be_deleted_and_is_forgotten_after_a_week(product: Product) -> None:
    user = await product.user()
    one, other = await uploaded(user), await uploaded(user)
    assert (await user.delete(f"/api/files/{one}")).data == {"id": one}
    assert_refused(await user.get(f"/api/files/{one}"), 404, "FILE_NOT_FOUND")
    product.clock.travel(days=6)
    await sweep(product)
    await sign_in_again(product, user)
    assert (await download(user, f"/api/files/{other}"))[0] == 200
    product.clock.travel(days=2)
    await sweep(product)
    await sign_in_again(product, user)
    assert_refused(await user.get(f"/api/files/{other}"), 404, "FILE_NOT_FOUND")


async def sign_in_again(product: Product, user: Api) -> None:
    """After a day a token is too old."""
    known = {"email": user.user["email"], "password": PASSWORD}
    user.token = (await product.anonymous.post("/api/auth/login", known)).data["token"]


async def sweep(product: Product) -> None:
    await product.app.state.parts[FileSweep].sweep()


async def test_without_room_on_the_disk_there_are_no_uploads_until_there_is(product: Product) -> None:
    user, incoming = await product.user(), product.data_dir / "incoming"
    incoming.write_text("where the folder would be")
    refused = await upload(user, b"Hello", "a.txt")
    assert_refused(refused, 503, "SERVICE_UNAVAILABLE")
    assert refused.headers["Retry-After"]
    incoming.unlink()
    assert (await upload(user, b"Hello", "a.txt")).status == 200
