"""The catalogue: at least thirty models, the plan's seven among them, and no price that is a lie."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ai_chat.emulators.openrouter import Emulator
from ai_chat.features.catalog.service import Catalog
from tests.api.helpers import assert_refused, questions_upstream
from tests.product import MODEL, PREMIUM_MODEL, Api, Product, running_product

PLAN = {
    "openai/gpt-3.5-turbo": ("GPT-3.5 Turbo", "OpenAI", "free"),
    "google/gemini-flash-1.5": ("Gemini Flash", "Google", "free"),
    "meta-llama/llama-3.1-8b-instruct": ("Llama 3.1 8B", "Meta", "free"),
    "openai/gpt-4-turbo": ("GPT-4 Turbo", "OpenAI", "premium"),
    "anthropic/claude-3.5-sonnet": ("Claude 3.5 Sonnet", "Anthropic", "premium"),
    "google/gemini-pro-1.5": ("Gemini Pro", "Google", "premium"),
    "deepseek/deepseek-chat": ("DeepSeek Chat", "DeepSeek", "premium"),
}
NEW = "emulator/price-number"
"""A model that the emulator lists only when it is told to, and at an honest price."""
LIES = ["price-minus-one", "price-missing", "price-null", "pricing-missing", "price-absurd", "price-nan", "price-words"]


async def models_of(user: Api) -> dict[str, dict[str, Any]]:
    rows = (await user.get("/api/models")).data
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


async def test_there_are_at_least_thirty_models_with_the_contract_s_fields(product: Product) -> None:
    models = await models_of(await product.user())
    assert len([model for model in models.values() if model["available"]]) >= 30
    for model in models.values():
        assert set(model) >= {"id", "name", "provider", "tier", "contextLength", "available"}
        assert model["contextLength"] > 0
        assert model["name"]
        assert model["provider"]
        assert model["tier"] in ("free", "premium")


async def test_the_plan_s_seven_models_are_there_under_their_names_and_can_answer(product: Product) -> None:
    user = await product.user("premium")
    models = await models_of(user)
    for model_id, expected in PLAN.items():
        row = models[model_id]
        assert (row["name"], row["provider"], row["tier"]) == expected
        assert row["available"], row["unavailableReason"]
        chat = await user.new_chat(model_id)
        content = f"Hello, {model_id}"
        assert (await user.send(chat, content)).last["type"] == "done"
        [request] = questions_upstream(product, content)
        assert isinstance(request.body, dict)
        assert request.body["model"] == (row["servedBy"] or model_id)


async def test_a_retired_model_names_its_successor_visibly(product: Product) -> None:
    models = await models_of(await product.user())
    retired = {model_id for model_id in PLAN if models[model_id]["servedBy"]}
    assert {"google/gemini-flash-1.5", "anthropic/claude-3.5-sonnet", "google/gemini-pro-1.5"} <= retired
    for model_id in retired:
        successor = models[models[model_id]["servedBy"]]
        assert successor["pricing"] == models[model_id]["pricing"]


async def test_a_model_says_whether_this_user_s_plan_includes_it(product: Product) -> None:
    free, premium = await models_of(await product.user()), await models_of(await product.user("premium"))
    assert (free[MODEL]["inPlan"], free[PREMIUM_MODEL]["inPlan"]) == (True, False)
    assert all(model["inPlan"] == (model["tier"] == "free") for model in free.values())
    assert all(model["inPlan"] for model in premium.values())


async def test_prices_are_decimal_strings_for_a_million_tokens(product: Product) -> None:
    models = await models_of(await product.user())
    assert models[MODEL]["pricing"] == {"prompt": "0.15", "completion": "0.6"}
    for model in models.values():
        for price in (model["pricing"] or {}).values():
            assert isinstance(price, str)
            assert "E" not in price.upper()
            assert 0 <= Decimal(price) <= 2000


async def test_a_model_at_a_price_that_cannot_be_is_not_offered(product: Product) -> None:
    user = await product.user("premium")
    product.emulator.admin.bad_rows()
    await product.app.state.parts[Catalog].refresh()
    models = await models_of(user)
    assert len(models) >= 30
    assert NEW in models
    for name in (*LIES, "output-audio"):
        assert f"emulator/{name}" not in models
        product.app.state.parts[Catalog]._refreshed_at = float("inf")
        answer = await user.post("/api/chat", {"model": f"emulator/{name}"})
        assert_refused(answer, 404, "MODEL_NOT_FOUND")
    assert models[MODEL]["name"] == "GPT-4o mini"
    assert all(model["contextLength"] > 0 for model in models.values())


async def test_a_known_model_whose_price_became_a_lie_is_not_offered_any_more(product: Product) -> None:
    user = await product.user()
    product.emulator.admin.reprice(MODEL, "-1", "-1")
    await product.app.state.parts[Catalog].refresh()
    assert not (await models_of(user))[MODEL]["available"]
    chat = await user.new_chat()
    assert_refused(await user.post(f"/api/chat/{chat}/message", {"content": "Hello"}), 503, "MODEL_UNAVAILABLE")


async def test_a_new_price_is_taken_over(product: Product) -> None:
    user = await product.user()
    product.emulator.admin.reprice(MODEL, "0.000001", "0.0000025")
    await product.app.state.parts[Catalog].refresh()
    assert (await models_of(user))[MODEL]["pricing"] == {"prompt": "1", "completion": "2.5"}


async def test_an_unknown_id_causes_one_refresh_and_is_then_found(product: Product) -> None:
    user = await product.user("premium")
    catalog = product.app.state.parts[Catalog]
    assert NEW not in await models_of(user)
    product.emulator.admin.bad_rows("price-number")
    catalog._refreshed_at = float("-inf")  # as if the last refresh were long ago
    before = len(product.emulator.admin.requests("/models"))
    chat = await user.new_chat(NEW)
    assert len(product.emulator.admin.requests("/models")) == before + 1
    assert (await user.send(chat, "Hello")).last["type"] == "done"


async def test_unknown_ids_cannot_be_used_to_hammer_the_upstream(product: Product) -> None:
    user = await product.user()
    product.app.state.parts[Catalog]._refreshed_at = float("-inf")
    before = len(product.emulator.admin.requests("/models"))
    for number in range(20):
        assert_refused(await user.post("/api/chat", {"model": f"no/such-{number}"}), 404, "MODEL_NOT_FOUND")
    assert len(product.emulator.admin.requests("/models")) == before + 1


@pytest.mark.parametrize("fault", ["http500", "http401", "html502", "reset_connect", "truncate"])
async def test_with_a_list_that_cannot_be_read_the_shipped_table_serves(
    tmp_path: Path, emulator: Emulator, fault: str
) -> None:
    emulator.admin.fault(fault, times=None, path="/models")
    async with running_product(data_dir=tmp_path, emulator=emulator) as product:
        user = await product.user()
        models = await models_of(user)
        assert len(models) >= 30
        assert set(PLAN) <= set(models)
        chat = await user.new_chat()
        assert (await user.send(chat, "Hello")).last["type"] == "done"


async def test_when_the_list_fails_later_the_last_one_stays(product: Product) -> None:
    user = await product.user()
    before = await models_of(user)
    product.emulator.admin.fault("http500", times=None, path="/models")
    await product.app.state.parts[Catalog].refresh()
    assert await models_of(user) == before


async def test_without_a_key_the_catalogue_says_what_is_missing(tmp_path: Path, emulator: Emulator) -> None:
    async with running_product(data_dir=tmp_path, emulator=emulator, openrouter_api_key=None) as product:
        user = await product.user()
        models = await models_of(user)
        assert len(models) >= 30
        assert not any(model["available"] for model in models.values())
        assert "OPENROUTER_API_KEY" in models[MODEL]["unavailableReason"]
        chat = await user.new_chat("openai/gpt-3.5-turbo", "Test Chat")
        refused = await user.post(f"/api/chat/{chat}/message", {"content": "Hello!"})
        assert "OPENROUTER_API_KEY" in assert_refused(refused, 503, "MODEL_UNAVAILABLE")["message"]
