"""Attaching to an answer: any number of readers, from any frame, while it runs and after its end."""

import asyncio

import pytest

from tests.api.helpers import assert_refused
from tests.conftest import BACKENDS
from tests.product import Product, read_stream

RUNNING = "/emulator text=count;tokens=80;speed=150\nGo"


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_readers_that_attach_at_different_moments_read_the_same_frames(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, RUNNING) as response:
        begin = await read_stream(response, frames=3)
        followers = [asyncio.create_task(user.follow(chat)) for _ in range(5)]
        later = [asyncio.create_task(user.follow(chat, "?after=2")) for _ in range(5)]
        rest = await read_stream(response)
    whole = begin.frames + rest.frames
    for task in followers:
        stream = await task
        assert stream is not None
        assert stream.frames == whole
    for task in later:
        stream = await task
        assert stream is not None
        assert stream.frames == whole[2:]
    assert begin.text + rest.text == (await user.messages(chat))[-1]["content"]


async def test_a_finished_answer_can_be_read_again_from_any_frame(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    sent = await user.send(chat, RUNNING)
    for seq in range(len(sent.frames)):
        by_query = await user.follow(chat, f"?after={seq}")
        by_header = await user.follow(chat, headers={"Last-Event-ID": str(seq)})
        assert by_query is not None
        assert by_header is not None
        assert by_query.frames == by_header.frames == sent.frames[seq:]


async def test_there_is_nothing_to_read_in_a_new_chat(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    assert await user.follow(chat) is None


async def test_there_is_nothing_to_read_after_the_last_frame(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    sent = await user.send(chat, "Hello")
    for last in (len(sent.frames), len(sent.frames) + 1, 2**31):
        assert await user.follow(chat, f"?after={last}") is None
    assert await user.follow(chat, headers={"Last-Event-ID": str(len(sent.frames))}) is None


async def test_an_earlier_answer_can_be_named(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    first, second = await user.send(chat, "One"), await user.send(chat, "Two")
    latest = await user.follow(chat)
    named = await user.follow(chat, f"?generationId={first.start['generationId']}")
    assert latest is not None
    assert named is not None
    assert latest.frames == second.frames
    assert named.frames == first.frames


@pytest.mark.parametrize("generation", ["x", "", "%00", "00000000-0000-0000-0000-000000000000", "1" * 64])
async def test_there_is_nothing_to_read_of_an_answer_that_does_not_exist(product: Product, generation: str) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await user.send(chat, "Hello")
    assert await user.follow(chat, f"?generationId={generation}") is None


async def test_there_is_nothing_to_read_after_the_time_of_retention(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await user.send(chat, "Hello")
    product.relay._finished.clear()
    assert await user.follow(chat) is None


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "99999999999999999999", "%00"])
async def test_a_frame_number_that_is_none_is_refused(product: Product, after: str) -> None:
    user = await product.user()
    chat = await user.new_chat()
    assert_refused(await user.get(f"/api/chat/{chat}/stream?after={after}"), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("last", ["", "x", "-5", "1e3", "²", "0", "9" * 11, "9" * 7000])
async def test_a_last_event_id_that_is_no_number_reads_from_the_start(product: Product, last: str) -> None:
    user = await product.user()
    chat = await user.new_chat()
    sent = await user.send(chat, "Hello")
    stream = await user.follow(chat, headers={"Last-Event-ID": last})
    assert stream is not None
    assert stream.frames == sent.frames


async def test_the_answer_can_be_followed_by_another_login_of_the_same_user(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    body = {"email": user.user["email"], "password": "correct horse battery"}
    token = (await product.anonymous.post("/api/auth/login", body)).data["token"]
    async with user.open_message(chat, RUNNING) as response:
        await read_stream(response, frames=2)
        other = type(user)(product.session, product.url, token)
        followed = await other.follow(chat)
    assert followed is not None
    followed.check_order()
    assert followed.text == (await user.messages(chat))[-1]["content"]


async def test_a_followed_stream_has_the_headers_of_a_stream(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await user.send(chat, "Hello")
    answer = await user.get(f"/api/chat/{chat}/stream", headers={"Origin": "http://localhost:3000"})
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert (answer.headers["Cache-Control"], answer.headers["X-Accel-Buffering"]) == ("no-cache", "no")
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert answer.text.startswith("id: 1\ndata: {")
    assert answer.text.endswith("}\n\n")
