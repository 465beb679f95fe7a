"""One catalogue from the shipped table and the providers' lists: who answers for which id, and at what price."""

from decimal import Decimal

import pytest

from ai_chat.features.catalog.ports import ListedModel
from ai_chat.features.catalog.service import Catalog, Model
from ai_chat.features.catalog.shipped import PLAN_MODELS, SHIPPED
from ai_chat.kernel.errors import AppError, ErrorCode
from tests.unit.catalog_fakes import ListSource, row

SONNET = "anthropic/claude-3.5-sonnet"


async def merged(*sources: ListSource) -> dict[str, Model]:
    catalog = Catalog(sources)
    await catalog.refresh()
    return {model.id: model for model in catalog.models()}


def everything_shipped() -> list[ListedModel]:
    return [row(shipped.id) for shipped in SHIPPED]


def test_the_shipped_table_has_thirty_models_and_the_plans_seven() -> None:
    tiers = {shipped.id: (shipped.tier, shipped.name, shipped.provider) for shipped in SHIPPED}
    assert len(tiers) == len(SHIPPED) >= 30
    assert {model: tiers[model] for model in PLAN_MODELS} == {
        "openai/gpt-3.5-turbo": ("free", "GPT-3.5 Turbo", "OpenAI"),
        "google/gemini-flash-1.5": ("free", "Gemini Flash", "Google"),
        "meta-llama/llama-3.1-8b-instruct": ("free", "Llama 3.1 8B", "Meta"),
        "openai/gpt-4-turbo": ("premium", "GPT-4 Turbo", "OpenAI"),
        "anthropic/claude-3.5-sonnet": ("premium", "Claude 3.5 Sonnet", "Anthropic"),
        "google/gemini-pro-1.5": ("premium", "Gemini Pro", "Google"),
        "deepseek/deepseek-chat": ("premium", "DeepSeek Chat", "DeepSeek"),
    }


def test_every_successor_is_itself_in_the_table() -> None:
    known = {shipped.id for shipped in SHIPPED}
    assert all(successor in known for shipped in SHIPPED for successor in shipped.successors)


async def test_without_any_source_all_are_listed_and_say_which_setting_is_missing() -> None:
    models = await merged()
    assert len(models) == len(SHIPPED)
    assert {model.unavailable for model in models.values()} == {"OPENROUTER_API_KEY is not set on this server."}


async def test_before_the_list_could_be_read_the_shipped_facts_hold() -> None:
    source = ListSource("openrouter")
    source.rows = None
    models = await merged(source)
    assert all(model.unavailable is None for model in models.values())
    assert models["openai/gpt-4o"].prompt_price == Decimal("2.5") / 1_000_000


async def test_the_providers_own_list_replaces_window_and_prices() -> None:
    models = await merged(ListSource("openrouter", row("openai/gpt-4o", "0.000007", window=999, output=77)))
    found = models["openai/gpt-4o"]
    assert (found.context_length, found.max_output_tokens, found.prompt_price) == (999, 77, Decimal("0.000007"))
    assert (found.name, found.tier) == ("GPT-4o", "premium")


async def test_what_the_provider_does_not_say_stays_as_shipped() -> None:
    models = await merged(ListSource("openrouter", row("openai/gpt-4o", window=None, output=None)))
    assert (models["openai/gpt-4o"].context_length, models["openai/gpt-4o"].max_output_tokens) == (128_000, 16_384)


async def test_a_retired_model_is_answered_by_the_first_successor_there_is() -> None:
    models = await merged(
        ListSource("openrouter", row("anthropic/claude-sonnet-4.6", "0.5"), row("anthropic/claude-sonnet-5"))
    )
    found = models[SONNET]
    assert (found.served_by, found.upstream_id) == ("anthropic/claude-sonnet-4.6",) * 2
    assert found.prompt_price == Decimal("0.5")
    assert found.unavailable is None


async def test_a_model_that_is_still_offered_is_not_replaced() -> None:
    models = await merged(ListSource("openrouter", row(SONNET), row("anthropic/claude-sonnet-5")))
    assert (models[SONNET].served_by, models[SONNET].upstream_id) == (None, SONNET)


async def test_a_model_without_any_living_successor_says_so() -> None:
    models = await merged(ListSource("openrouter", row("openai/gpt-4o")))
    assert models[SONNET].unavailable == "OpenRouter does not offer it at the moment."


async def test_of_two_sources_with_the_same_id_openrouter_keeps_it() -> None:
    models = await merged(
        ListSource("local", row("x/y")),
        ListSource("openai_compatible", row("x/y")),
        ListSource("openrouter", row("x/y")),
    )
    assert models["x/y"].source == "openrouter"


async def test_a_second_upstream_takes_an_id_that_openrouter_cannot_answer() -> None:
    models = await merged(ListSource("openai_compatible", row("openai/gpt-4o", None, tier="free")))
    found = models["openai/gpt-4o"]
    assert (found.source, found.tier, found.unavailable) == ("openai_compatible", "free", None)


async def test_a_model_that_only_its_provider_knows_is_premium_unless_it_costs_nothing() -> None:
    models = await merged(ListSource("openrouter", row("new/paid"), row("new/free", "0")))
    assert (models["new/paid"].tier, models["new/free"].tier) == ("premium", "free")


async def test_a_model_of_unknown_price_has_the_tier_its_source_gives() -> None:
    models = await merged(ListSource("openai_compatible", row("llama3.2:1b", None, tier="premium")))
    assert (models["llama3.2:1b"].tier, models["llama3.2:1b"].prompt_price) == ("premium", None)


async def test_a_model_without_a_window_gets_a_careful_one() -> None:
    models = await merged(ListSource("openai_compatible", row("x", window=None)))
    assert models["x"].context_length == 8192


async def test_models_that_can_answer_stand_first() -> None:
    catalog = Catalog([ListSource("openrouter", row("openai/gpt-4o"), row("z/z"))])
    await catalog.refresh()
    states = [model.unavailable is None for model in catalog.models()]
    assert states == sorted(states, reverse=True)
    assert states[:2] == [True, True]


async def test_asking_a_model_that_cannot_answer_names_the_setting_and_what_works() -> None:
    catalog = Catalog([ListSource("local", row("local/smollm2", "0"))])
    await catalog.refresh()
    with pytest.raises(AppError) as refused:
        catalog.upstream_of(await catalog.find("openai/gpt-4o"))
    assert refused.value.code is ErrorCode.MODEL_UNAVAILABLE
    assert "OPENROUTER_API_KEY" in refused.value.message
    assert "local/smollm2" in refused.value.message


async def test_asking_when_nothing_works_says_so() -> None:
    catalog = Catalog([])
    with pytest.raises(AppError, match="No other model works either"):
        catalog.upstream_of(await catalog.find("openai/gpt-4o"))


async def test_each_id_is_answered_by_its_own_source() -> None:
    openrouter, local = ListSource("openrouter", *everything_shipped()), ListSource("local", row("local/smollm2", "0"))
    catalog = Catalog([openrouter, local])
    await catalog.refresh()
    assert catalog.upstream_of(await catalog.find("openai/gpt-4o")) is openrouter.speaker
    assert catalog.upstream_of(await catalog.find("local/smollm2")) is local.speaker
