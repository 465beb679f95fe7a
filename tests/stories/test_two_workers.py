"""Two servers on one PostgreSQL and one Valkey: any of them serves any reader, and either ends what the other left."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.product import Api, Product, read_stream, running_product

pytestmark = pytest.mark.parametrize("backend", ["postgres+redis"], indirect=True)


@pytest.fixture
async def other(
    product: Product, tmp_path: Path, database_url: str | None, redis_url: str | None, emulator: Emulator
) -> AsyncIterator[Product]:
    """A second server beside `product`, signing with the same secret."""
    async with running_product(
        data_dir=tmp_path / "data", database_url=database_url, redis_url=redis_url, emulator=emulator
    ) as second:
        yield second


def on(server: Product, user: Api) -> Api:
    """The same person's client, speaking to another server."""
    return Api(server.session, server.url, user.token, user.user)


async def test_an_answer_is_followed_on_the_other_server_without_gap_or_repeat(
    product: Product, other: Product
) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator text=russian;speed=150\nСказку") as response:
        first = await read_stream(response, frames=3)
        rest = await on(other, user).follow(chat, "?after=2")
        assert rest is not None
        rest.check_order(after=2)
    answer = (await user.messages(chat))[1]
    assert first.text.startswith(first.events[1].get("delta", ""))
    assert (
        "".join(event["delta"] for event in [*first.events[:2], *rest.events] if event["type"] == "delta")
        == (answer["content"])
    )
    assert answer["status"] == "complete"


async def test_a_stop_on_the_other_server_stops_the_answer(product: Product, other: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator text=long;speed=100\nA long one") as response:
        await read_stream(response, frames=2)
        stopped = await on(other, user).post(f"/api/chat/{chat}/stop")
        assert stopped.data == {"stopped": True}
        rest = await read_stream(response)
    assert rest.last["finishReason"] == "stopped"


async def test_a_repeated_message_on_the_other_server_attaches_to_the_same_answer(
    product: Product, other: Product
) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator speed=60\nHello", clientMessageId="once") as response:
        first = await read_stream(response, frames=1)
        again = await on(other, user).send(chat, "/emulator speed=60\nHello", clientMessageId="once")
        whole = await read_stream(response)
    assert again.start["generationId"] == first.start["generationId"]
    assert again.last == whole.last
    assert len(await user.messages(chat)) == 2


async def test_many_readers_on_both_servers_read_the_same(product: Product, other: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator text=emoji;speed=80\nGo") as response:
        await read_stream(response, frames=1)
        readers = [on(server, user).follow(chat) for server in (product, other) for _ in range(8)]
        streams = await asyncio.gather(*readers)
    texts = {stream.text for stream in streams if stream is not None}
    assert len(texts) == 1
    assert all(stream is not None and stream.last["type"] == "done" for stream in streams)
