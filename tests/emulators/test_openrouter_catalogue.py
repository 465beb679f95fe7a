"""GET /models and its neighbours: external-apis.md A7 and A9."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import pytest

from ai_chat.emulators.openrouter import Emulator
from ai_chat.emulators.openrouter.bad_rows import BAD_ROWS
from tests.emulators.client import MODEL, Client, Reply

ALWAYS = {
    "id",
    "canonical_slug",
    "name",
    "created",
    "description",
    "context_length",
    "architecture",
    "pricing",
    "top_provider",
    "per_request_limits",
    "supported_parameters",
    "default_parameters",
    "supported_voices",
    "links",
}


async def rows(client: Client, query: str = "") -> list[dict[str, object]]:
    data = (await client.get(f"/models{query}")).json()["data"]
    assert isinstance(data, list)
    return data


async def ids(client: Client, query: str = "") -> list[object]:
    return [row.get("id") for row in await rows(client, query)]


def availability(reply: Reply) -> dict[str, object]:
    detail = reply.error["availability"]
    assert isinstance(detail, dict)
    return detail


async def test_at_least_forty_models_have_every_required_field(client: Client) -> None:
    listed = await rows(client)
    assert len(listed) >= 40
    assert all(set(row) >= ALWAYS for row in listed)
    assert len({row["id"] for row in listed}) == len(listed)


async def test_prices_are_plain_decimal_strings_per_token(client: Client) -> None:
    for row in await rows(client):
        pricing = row["pricing"]
        assert isinstance(pricing, dict)
        for price in pricing.values():
            assert isinstance(price, str)
            assert "E" not in price.upper()
            assert Decimal(price) >= 0 or str(row["id"]).startswith("openrouter/")
    mini = next(row for row in await rows(client) if row["id"] == MODEL)
    assert mini["pricing"] == {"prompt": "0.00000015", "completion": "0.0000006", "input_cache_read": "0.000000075"}


@pytest.mark.parametrize(
    "model",
    ["openai/gpt-3.5-turbo", "openai/gpt-4-turbo", "meta-llama/llama-3.1-8b-instruct", "deepseek/deepseek-chat"],
)
async def test_the_plans_living_models_are_listed_and_answer(client: Client, model: str) -> None:
    assert model in await ids(client)
    assert (await client.ask(model)).status == 200


@pytest.mark.parametrize("model", ["google/gemini-flash-1.5", "google/gemini-pro-1.5", "anthropic/claude-3.5-sonnet"])
async def test_the_plans_dead_models_are_404_with_successors(client: Client, model: str) -> None:
    assert model not in await ids(client)
    reply = await client.ask(model)
    assert reply.status == 404
    assert availability(reply)["code"] == "model_deprecated"
    fallbacks = availability(reply)["fallback_models"]
    assert isinstance(fallbacks, list)
    assert (await client.ask(fallbacks[0])).status == 200


async def test_an_unknown_model_is_400(client: Client) -> None:
    reply = await client.ask("acme/x")
    assert reply.status == 400
    assert reply.error["message"] == "acme/x is not a valid model ID"
    assert availability(reply)["code"] == "model_not_found"


async def test_variants_answer_as_their_base_and_an_ended_free_one_is_404(client: Client) -> None:
    assert (await client.ask(f"{MODEL}:nitro")).events[0].value["model"] == MODEL
    ended = await client.ask(f"{MODEL}:free")
    assert ended.status == 404
    assert availability(ended)["code"] == "free_variant_ended"


async def test_aliases_are_listed_and_resolve(client: Client) -> None:
    listed = {row["id"]: row for row in await rows(client)}
    assert listed["openrouter/auto"]["pricing"] == {"prompt": "-1", "completion": "-1"}
    assert listed["~openai/gpt-latest"]["alias_target"] == "openai/gpt-5.5"
    assert (await client.ask("openrouter/auto")).events[0].value["model"] == MODEL
    resolved = (await client.get("/model/~openai/gpt-latest")).json()["data"]
    assert isinstance(resolved, dict)
    assert resolved["id"] == "openai/gpt-5.5"


async def test_the_list_needs_no_key(client: Client) -> None:
    assert (await client.send("GET", "/models", headers={"Authorization": ""})).status == 200


async def test_the_list_can_be_paged_and_filtered(client: Client) -> None:
    everything = await ids(client)
    assert await ids(client, "?offset=3&limit=2") == everything[3:5]
    assert await ids(client, "?q=haiku") == ["anthropic/claude-haiku-4.5"]
    assert await ids(client, "?output_modalities=image") == ["google/gemini-2.5-flash-image"]
    assert MODEL not in await ids(client, "?supported_parameters=reasoning")
    assert (await client.get("/models?limit=0")).status == 400
    assert (await client.get("/models?offset=x")).status == 400


async def test_endpoints_count_and_providers(client: Client) -> None:
    data = (await client.get(f"/models/{MODEL}/endpoints")).json()["data"]
    assert isinstance(data, dict)
    assert data["id"] == MODEL
    assert data["endpoints"][0]["provider_name"] == "OpenAI"
    assert (await client.get("/models/count")).json()["data"] == {"count": len(await rows(client))}
    providers = (await client.get("/providers")).json()["data"]
    assert isinstance(providers, list)
    assert {"name", "slug", "privacy_policy_url"} <= set(providers[0])
    assert (await client.get("/models/acme/x/endpoints")).status == 400


async def test_bad_rows_appear_only_when_asked_for(emulator: Emulator, client: Client) -> None:
    before = len(await rows(client))
    emulator.admin.bad_rows()
    assert len(await rows(client)) == before + len(BAD_ROWS)
    emulator.admin.reset()
    assert len(await rows(client)) == before


async def test_one_bad_row_can_be_chosen_and_talked_to_for_nothing(emulator: Emulator, client: Client) -> None:
    emulator.admin.bad_rows("price-minus-one")
    row = (await rows(client))[-1]
    assert row["pricing"] == {"prompt": "-1", "completion": "-1"}
    assert (await client.ask("emulator/price-minus-one")).status == 200
    assert emulator.admin.balance == 100
    with pytest.raises(ValueError, match="unknown bad rows"):
        emulator.admin.bad_rows("price-fine")


def test_bad_rows_cover_the_lies_a_client_must_see_through() -> None:
    prices = [row["pricing"] for row in BAD_ROWS.values() if isinstance(row, dict) and "pricing" in row]
    wrong = 0
    for price in prices:
        assert isinstance(price, dict)
        try:
            amount = Decimal(str(price.get("prompt"))) + Decimal(str(price.get("completion")))
            wrong += not 0 <= amount < Decimal("0.01")
        except InvalidOperation:
            wrong += 1
    assert wrong >= 6


async def test_a_model_may_vanish_or_change_its_price_after_the_listing(emulator: Emulator, client: Client) -> None:
    emulator.admin.reprice(MODEL, "0.001", "0.002")
    cost = (await client.ask(f"{MODEL}+script=a", "a")).usages[0]["cost"]
    assert cost == pytest.approx(0.001 * 8 + 0.002)
    emulator.admin.remove_model(MODEL, "openai/gpt-4o")
    assert MODEL not in await ids(client)
    assert availability(await client.ask())["fallback_models"] == ["openai/gpt-4o"]


async def test_variants_with_knobs_can_be_listed_for_people(emulator: Emulator, client: Client) -> None:
    emulator.admin.list_variants(f"{MODEL}+fault=reset")
    row = next(row for row in await rows(client) if row["id"] == f"{MODEL}+fault=reset")
    assert row["name"] == "OpenAI: GPT-4o-mini (fault=reset)"
    assert isinstance((await client.ask(f"{MODEL}+fault=reset")).broken, ConnectionResetError)
