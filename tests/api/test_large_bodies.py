"""Bodies over the limit are refused with 413, in a way that the client sees, whether their length is announced or not."""

import asyncio
import json
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from tests.api.conftest import Target
from tests.api.routes import Route, all_routes

pytestmark = pytest.mark.asyncio(loop_scope="module")

UPLOADS = ("POST /api/files", "POST /api/import")
"""Meant for more than a megabyte; test_attachments.py and test_import.py send them too much."""
ROUTES = [route for route in all_routes() if str(route) not in UPLOADS]
SIZE = 10 * 1024 * 1024
PIECE = b'{"a":"' + b"x" * 65_530


async def upload(target: Target, route: Route, *, chunked: bool, size: int = SIZE) -> tuple[int, str]:
    """Sends byte by byte what a careless client would, and listens for the answer at the same time."""
    url = urlsplit(target.product.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    writer.write(
        f"{route.method} {route.at(chat_id=target.chat, message_id=target.message)} HTTP/1.1\r\nHost: {url.netloc}\r\n"
        f"Authorization: Bearer {target.user.token}\r\nContent-Type: application/json\r\n{length}\r\n\r\n".encode()
    )
    sent = 0

    async def send() -> None:
        nonlocal sent
        while sent < size:
            piece = PIECE[: size - sent]
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            await writer.drain()
            sent += len(piece)
        if chunked:
            writer.write(b"0\r\n\r\n")
            await writer.drain()

    sending = asyncio.create_task(send())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    body = await reader.readexactly(int(head.lower().partition("content-length: ")[2].split("\r\n")[0]))
    sending.cancel()
    with suppress(asyncio.CancelledError, OSError):
        await sending
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return int(head.split()[1]), json.loads(body)["error"]["code"].upper()


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_ten_announced_megabytes_are_refused(target: Target, route: Route) -> None:
    assert await upload(target, route, chunked=False) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("route", [route for route in ROUTES if route.has_body], ids=str)
async def test_ten_unannounced_megabytes_are_refused(target: Target, route: Route) -> None:
    assert await upload(target, route, chunked=True) == (413, "PAYLOAD_TOO_LARGE")


async def test_the_product_goes_on_after_a_hundred_of_them(target: Target) -> None:
    route = next(route for route in ROUTES if str(route) == "POST /api/auth/login")
    await asyncio.gather(*(upload(target, route, chunked=True) for _ in range(50)))
    await asyncio.gather(*(upload(target, route, chunked=False) for _ in range(50)))
    assert (await target.user.get("/api/auth/me")).status == 200


async def test_a_body_of_just_under_a_megabyte_is_read(target: Target) -> None:
    body = {"title": "T", "unknown": "x" * (1024 * 1024 - 100)}
    assert (await target.user.patch(f"/api/chat/{target.chat}", body)).data["title"] == "T"
