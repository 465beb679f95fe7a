"""`/metrics`: what an operator watches, and nobody else."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from ai_chat.emulators.openrouter import Emulator
from tests.api.helpers import assert_refused, captured_logs
from tests.product import Product, running_product


async def number(product: Product, line: str) -> float:
    """The number of this line; 0 where it is not there."""
    text = (await product.anonymous.get("/metrics")).text
    found = [float(one.rpartition(" ")[2]) for one in text.splitlines() if one.rpartition(" ")[0] == line]
    return found[0] if found else 0.0


async def test_answers_requests_and_refusals_are_counted(product: Product) -> None:
    ended, denied = 'ai_chat_generations_total{status="complete"}', (
        'ai_chat_limit_denials_total{code="CHAT_LIMIT_REACHED"}'
    )  # fmt: skip
    sent = 'ai_chat_http_requests_total{method="POST",route="/api/chat/{chat_id}/message",status="200"}'
    lines = (
        ended,
        denied,
        sent,
        "ai_chat_time_to_first_token_seconds_count",
        'ai_chat_database_seconds_count{kind="write"}',
    )
    before = [await number(product, line) for line in lines]
    user = await product.user()
    chat = await user.new_chat()
    await user.send(chat, "Hello")
    for _ in range(10):
        await user.post("/api/chat", {"title": "x", "model": "openai/gpt-4o-mini"})
    after = [await number(product, line) for line in lines]
    assert [later - earlier for earlier, later in zip(before, after, strict=True)][:4] == [1, 1, 1, 1]
    assert after[4] > before[4]
    assert await number(product, "ai_chat_generations_active") == 0


async def test_readers_are_counted_while_they_read(product: Product) -> None:
    user = await product.user()
    before = await number(product, "ai_chat_stream_readers")
    async with user.session.get(f"{user.url}/api/events", headers=user.headers()):
        assert await number(product, "ai_chat_stream_readers") == before + 1
    async with asyncio.timeout(10):
        while await number(product, "ai_chat_stream_readers") != before:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_who_comes_through_a_proxy_is_not_taken_for_a_program_of_this_machine(
    product: Product, header: str
) -> None:
    answer = await product.anonymous.get("/metrics", headers={header: "127.0.0.1"})
    assert_refused(answer, 404, "NOT_FOUND")


@pytest.fixture
async def guarded(tmp_path: Path, emulator: Emulator) -> AsyncIterator[Product]:
    async with running_product(
        data_dir=tmp_path / "data", emulator=emulator, metrics_token=SecretStr("let-me-see")
    ) as product:
        yield product


async def test_a_token_opens_them_from_anywhere_and_nothing_else_does(guarded: Product) -> None:
    right = {"Authorization": "Bearer let-me-see", "X-Forwarded-For": "203.0.113.9"}
    assert (await guarded.anonymous.get("/metrics", headers=right)).status == 200
    for wrong in ({}, {"Authorization": "Bearer let-me"}, {"Authorization": "let-me-see"}):
        assert_refused(await guarded.anonymous.get("/metrics", headers=wrong), 401, "UNAUTHORIZED")


async def test_in_production_they_are_closed_without_a_token(tmp_path: Path, emulator: Emulator) -> None:
    async with running_product(
        data_dir=tmp_path / "data",
        emulator=emulator,
        app_env="production",
        jwt_secret=SecretStr("7f1d8c02b94e4a7c9f0d6a3b5e8c1f2d"),
    ) as product:
        assert_refused(await product.anonymous.get("/metrics"), 404, "NOT_FOUND")


async def test_the_log_of_an_answer_names_its_request_its_user_and_itself(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    with captured_logs() as written:
        stream = await user.send(chat, "Something private")
        async with asyncio.timeout(10):
            while "answer ended" not in written.getvalue():
                await asyncio.sleep(0.01)
    (line,) = [line for line in written.getvalue().splitlines() if "answer ended" in line]
    assert stream.start["generationId"] in line
    assert f'"user": "{user.user["id"]}"' in line
    assert '"request_id"' in line
    assert "private" not in written.getvalue()
