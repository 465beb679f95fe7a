"""With OUTBOUND_PROXY every call to OpenRouter goes through it: the list, the answers, and the costs that are asked for later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from ai_chat.emulators.openrouter import Emulator
from tests.api.helpers import eventually
from tests.product import running_product

NOWHERE = "http://openrouter.test/api/v1"
"""An address that only the proxy knows the way to."""


class Proxy:
    """A little forward proxy: one request a connection, passed on to the emulator whatever its host is called."""

    def __init__(self, emulator: Emulator) -> None:
        self._port = urlsplit(emulator.base_url).port
        self.asked: list[str] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _ = head.partition("\r\n")[0].split(" ")
            self.asked.append(f"{method} {target}")
            path = target.removeprefix("http://openrouter.test")
            inner_reader, inner = await asyncio.open_connection("127.0.0.1", self._port)
            inner.write(head.replace(target, path, 1).replace("\r\n", "\r\nConnection: close\r\n", 1).encode("latin-1"))
            back = asyncio.create_task(_pass_on(inner_reader, writer))
            await _pass_on(reader, inner)
            await back
            inner.close()
        writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


@pytest.fixture
async def proxy(emulator: Emulator) -> AsyncIterator[Proxy]:
    proxy = Proxy(emulator)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield proxy
    server.close()


async def test_every_call_goes_through_the_proxy(tmp_path: Path, emulator: Emulator, proxy: Proxy) -> None:
    async with running_product(
        data_dir=tmp_path, emulator=emulator, openrouter_base_url=NOWHERE, outbound_proxy=SecretStr(proxy.url)
    ) as product:
        user = await product.user()
        stream = await user.send(await user.new_chat(), "/emulator fault=no_usage\nHello")
        assert stream.last["type"] == "done"

        async def cost_was_asked() -> bool:
            return any("/generation?id=gen-" in line for line in proxy.asked)

        await eventually(cost_was_asked)
    assert f"GET {NOWHERE}/models" in proxy.asked
    assert f"POST {NOWHERE}/chat/completions" in proxy.asked
    assert len(proxy.asked) >= len(emulator.admin.requests())
