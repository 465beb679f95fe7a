"""After the stream: GET /generation, and what a client that leaves has to pay (external-apis.md A5)."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.emulators.client import MODEL, Client, Reply, hang_up, read_chunk, read_head


async def leave_after(client: Client, model: str, tokens: int) -> None:
    """Ask, read until that many tokens have come, and hang up."""
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "Hello"}], "user": "u1"}
    reader, writer = await client.open("POST", "/chat/completions", body)
    await read_head(reader, Reply())
    seen = b""
    while seen.count(b'"content":"') < tokens:
        seen += await read_chunk(reader)
    await hang_up(writer)


async def test_a_finished_generation_can_be_looked_up(client: Client) -> None:
    reply = await client.ask(f"{MODEL}+text=count;tokens=10", session_id="s1", user="u1")
    usage = reply.usages[0]
    data = (await client.get(f"/generation?id={reply.headers['x-generation-id']}")).json()["data"]
    assert isinstance(data, dict)
    assert data["id"] == reply.headers["x-generation-id"]
    assert data["total_cost"] == data["usage"] == usage["cost"]
    assert (data["native_tokens_prompt"], data["native_tokens_completion"]) == (usage["prompt_tokens"], 10)
    assert (data["provider_name"], data["streamed"], data["cancelled"]) == ("OpenAI", True, False)
    assert (data["finish_reason"], data["session_id"], data["external_user"]) == ("stop", "s1", "u1")


async def test_it_is_not_there_at_once(emulator: Emulator, client: Client) -> None:
    emulator.admin.generation_lag(seconds=30)
    path = f"/generation?id={(await client.ask()).headers['x-generation-id']}"
    assert (await client.get(path)).status == 404
    emulator.admin.advance(31)
    assert (await client.get(path)).status == 200


async def test_it_may_be_missed_a_number_of_times(emulator: Emulator, client: Client) -> None:
    emulator.admin.generation_lag(misses=2)
    path = f"/generation?id={(await client.ask()).headers['x-generation-id']}"
    assert [(await client.get(path)).status for _ in range(3)] == [404, 404, 200]


async def test_an_unknown_one_is_404_and_none_is_400(client: Client) -> None:
    assert (await client.get("/generation?id=gen-0-nothing")).status == 404
    assert (await client.get("/generation")).status == 400
    assert (await client.get("/generation?id=x", "wrong")).status == 401


async def test_a_client_that_leaves_pays_for_what_it_got(emulator: Emulator, client: Client) -> None:
    await leave_after(client, f"{MODEL}+text=count;tokens=1000;speed=1000", 3)
    await emulator.admin.idle()
    [generation] = emulator.admin.generations()
    assert generation.outcome == "cancelled"
    assert 3 <= generation.sent_tokens < 1000
    prompt, completion = Decimal("0.00000015"), Decimal("0.0000006")
    assert generation.cost == 9 * prompt + generation.sent_tokens * completion
    data = (await client.get(f"/generation?id={generation.id}")).json()["data"]
    assert isinstance(data, dict)
    assert (data["cancelled"], data["finish_reason"]) == (True, None)
    assert data["tokens_completion"] == generation.sent_tokens


async def test_some_providers_charge_the_whole_answer_all_the_same(emulator: Emulator, client: Client) -> None:
    await leave_after(client, "google/gemini-2.5-flash+text=count;tokens=1000;speed=1000", 3)
    await emulator.admin.idle()
    [generation] = emulator.admin.generations()
    assert generation.outcome == "cancelled"
    assert generation.sent_tokens < 1000
    assert generation.cost == 9 * Decimal("0.0000003") + 1000 * Decimal("0.0000025")


async def test_leaving_during_a_stall_is_noticed_at_once(emulator: Emulator, client: Client) -> None:
    await leave_after(client, f"{MODEL}+stall;after=2", 2)
    await asyncio.wait_for(emulator.admin.idle(), 1)
    assert emulator.admin.generations()[0].outcome == "cancelled"


async def test_without_streaming_the_answer_is_paid_to_the_end(emulator: Emulator, client: Client) -> None:
    body = {"model": f"{MODEL}+stall", "messages": [{"role": "user", "content": "Hello"}]}
    _, writer = await client.open("POST", "/chat/completions", body)
    while not emulator.admin.generations():
        await asyncio.sleep(0)
    await hang_up(writer)
    await emulator.admin.idle()
    [generation] = emulator.admin.generations()
    assert (generation.outcome, generation.cost > 0) == ("done", True)


@pytest.mark.parametrize(
    ("fault", "outcome", "paid"),
    [("reset", "cancelled", True), ("eof", "broken", True), ("error_int", "failed", False)],
)
async def test_broken_answers_are_paid_as_far_as_they_came(
    emulator: Emulator, client: Client, fault: str, outcome: str, paid: bool
) -> None:
    await client.ask(f"{MODEL}+{fault};after=4")
    await emulator.admin.idle()
    [generation] = emulator.admin.generations()
    assert (generation.outcome, generation.billed_tokens, generation.cost > 0) == (outcome, 4, paid)


async def test_closing_the_emulator_breaks_off_its_streams(emulator: Emulator, client: Client) -> None:
    body = {"model": f"{MODEL}+stall", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
    reader, _ = await client.open("POST", "/chat/completions", body)
    await read_head(reader, Reply())
    await asyncio.wait_for(emulator.close(), 1)
    assert emulator.admin.active == 0


async def test_a_reset_in_mid_stream_leaves_the_new_balance_alone(emulator: Emulator, client: Client) -> None:
    body = {"model": f"{MODEL}+stall", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
    reader, writer = await client.open("POST", "/chat/completions", body)
    await read_head(reader, Reply())
    emulator.admin.reset()
    await hang_up(writer)
    await emulator.admin.idle()
    assert emulator.admin.balance == 100
