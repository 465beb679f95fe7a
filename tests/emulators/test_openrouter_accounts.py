"""Money and limits: external-apis.md A6 and C1, point 4. Every cost is exact."""

from __future__ import annotations

from decimal import Decimal

from ai_chat.emulators.openrouter import MANAGEMENT_KEY, Emulator, start
from tests.emulators.client import MODEL, Client, Reply

FREE = "meta-llama/llama-3.3-70b-instruct:free"
#: "Hello" is two tokens, a message four, a prompt three.
PROMPT = 9


def source(reply: Reply) -> object:
    metadata = reply.error["metadata"]
    assert isinstance(metadata, dict)
    return metadata["limit_source"]


async def test_an_answer_takes_its_exact_cost_from_the_balance(emulator: Emulator, client: Client) -> None:
    await client.ask(f"{MODEL}+text=count;tokens=10")
    assert emulator.admin.balance == Decimal(100) - PROMPT * Decimal("0.00000015") - 10 * Decimal("0.0000006")


async def test_cached_tokens_are_cheaper(emulator: Emulator, client: Client) -> None:
    reply = await client.ask(f"{MODEL}+text=count;tokens=10;cached=5")
    details = reply.usages[0]["prompt_tokens_details"]
    assert isinstance(details, dict)
    assert details["cached_tokens"] == 5
    expected = 4 * Decimal("0.00000015") + 5 * Decimal("0.000000075") + 10 * Decimal("0.0000006")
    assert Decimal(100) - emulator.admin.balance == expected


async def test_an_error_finish_costs_nothing(emulator: Emulator, client: Client) -> None:
    await client.ask(f"{MODEL}+error_int")
    assert emulator.admin.balance == 100


async def test_too_many_output_tokens_for_the_balance_is_402(emulator: Emulator, client: Client) -> None:
    emulator.admin.account(credits="0.001")
    reply = await client.ask(max_tokens=8192)
    assert reply.status == 402
    assert "You requested up to 8192 tokens, but can only afford 1664." in str(reply.error["message"])
    assert source(reply) == "openrouter_credits"
    assert (await client.ask(max_tokens=1664)).status == 200


async def test_without_max_tokens_the_worst_case_is_the_models_own(emulator: Emulator, client: Client) -> None:
    emulator.admin.account(credits="0.001")
    assert "You requested up to 16384 tokens" in str((await client.ask()).error["message"])


async def test_too_long_a_prompt_for_the_balance_is_402_in_other_words(emulator: Emulator, client: Client) -> None:
    emulator.admin.account(credits="0.000001")
    reply = await client.ask(max_tokens=1)
    assert reply.status == 402
    assert "Prompt tokens limit exceeded: 9 > 6." in str(reply.error["message"])


async def test_a_keys_own_limit_is_402_as_well(emulator: Emulator, client: Client) -> None:
    emulator.admin.key(limit="0.001")
    reply = await client.ask()
    assert (reply.status, source(reply)) == (402, "openrouter_key_limit")


async def test_a_negative_balance_stops_even_free_models(emulator: Emulator, client: Client) -> None:
    emulator.admin.account(credits="-0.01")
    assert (await client.ask(FREE)).status == 402


async def test_402_is_not_mended_by_a_fallback(emulator: Emulator, client: Client) -> None:
    emulator.admin.account(credits="0.001")
    assert (await client.ask(models=[FREE])).status == 402


async def test_free_models_answer_twenty_times_a_minute(emulator: Emulator, client: Client) -> None:
    statuses = [(await client.ask(FREE)).status for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    refused = await client.ask(FREE)
    assert refused.headers["x-ratelimit-limit"] == "20"
    assert int(refused.headers["x-ratelimit-reset"]) > 1_700_000_000_000
    assert (await client.ask(MODEL)).status == 200
    emulator.admin.advance(61)
    assert (await client.ask(FREE)).status == 200


async def test_free_models_answer_fifty_times_a_day_to_those_who_never_bought() -> None:
    noon = 20_000 * 86_400 + 43_200
    async with (
        await start(clock=lambda: noon, environ={}) as emulator,
        Client(emulator.base_url, emulator.api_key) as client,
    ):
        emulator.admin.account(purchased="0")
        for _ in range(50):
            assert (await client.ask(FREE)).status == 200
            emulator.admin.advance(4)
        refused = await client.ask(FREE)
        assert refused.status == 429
        assert source(refused) == "openrouter_free_tier_daily"
        assert "Add 10 credits to unlock 1000" in str(refused.error["message"])
        assert refused.headers["x-ratelimit-reset"] == str(20_001 * 86_400 * 1000)
        emulator.admin.advance(43_200)
        assert (await client.ask(FREE)).status == 200


async def test_the_key_describes_itself(emulator: Emulator, client: Client) -> None:
    emulator.admin.key(limit="2")
    emulator.admin.reprice(MODEL, "0", "0.01")
    await client.ask(f"{MODEL}+text=count;tokens=5", max_tokens=10)
    data = (await client.get("/key")).json()["data"]
    assert isinstance(data, dict)
    assert (data["limit"], data["limit_remaining"]) == (2, 1.95)
    assert data["usage"] == data["usage_daily"] == data["usage_weekly"] == data["usage_monthly"] == 0.05
    assert data["is_free_tier"] is False
    emulator.admin.advance(40 * 86_400)
    later = (await client.get("/key")).json()["data"]
    assert isinstance(later, dict)
    assert (later["usage"], later["usage_daily"], later["usage_monthly"]) == (0.05, 0, 0)


async def test_credits_need_a_management_key(client: Client) -> None:
    assert (await client.get("/credits")).status == 403
    assert (await client.get("/credits", MANAGEMENT_KEY)).json()["data"] == {"total_credits": 100, "total_usage": 0}
    assert (await client.get("/credits", "wrong")).status == 401
