"""Reading the providers' lists: shared, at most once for unknown ids, and never the loss of what was known."""

import asyncio

import pytest

from ai_chat.features.catalog import service
from ai_chat.features.catalog.service import Catalog
from ai_chat.kernel.errors import AppError, ErrorCode
from tests.unit.catalog_fakes import ListSource, row


async def test_a_known_id_is_found_without_reading_anything() -> None:
    source = ListSource("openrouter")
    assert (await Catalog([source]).find("openai/gpt-4o")).id == "openai/gpt-4o"
    assert source.reads == 0


async def test_an_unknown_id_causes_one_reading_and_may_then_be_known() -> None:
    source = ListSource("openrouter", row("new/model"))
    assert (await Catalog([source]).find("new/model")).id == "new/model"
    assert source.reads == 1


async def test_many_unknown_ids_cause_one_reading_in_all() -> None:
    source = ListSource("openrouter")
    catalog = Catalog([source])
    for number in range(20):
        with pytest.raises(AppError) as refused:
            await catalog.find(f"no/such-{number}")
        assert refused.value.code is ErrorCode.MODEL_NOT_FOUND
    assert source.reads == 1


async def test_after_a_while_an_unknown_id_is_worth_another_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_ON_DEMAND_SECONDS", 0.01)
    source = ListSource("openrouter")
    catalog = Catalog([source])
    for _ in range(2):
        with pytest.raises(AppError):
            await catalog.find("no/such")
        await asyncio.sleep(0.02)
    assert source.reads == 2


async def test_readings_at_the_same_time_are_shared() -> None:
    source = ListSource("openrouter", row("new/model"))
    source.open.clear()
    catalog = Catalog([source])
    asking = [asyncio.create_task(catalog.find("new/model")) for _ in range(50)]
    await asyncio.sleep(0)
    source.open.set()
    assert {model.id for model in await asyncio.gather(*asking)} == {"new/model"}
    assert source.reads == 1


async def test_one_who_gives_up_waiting_does_not_end_the_reading_for_others() -> None:
    source = ListSource("openrouter", row("new/model"))
    source.open.clear()
    catalog = Catalog([source])
    first, second = asyncio.create_task(catalog.refresh()), asyncio.create_task(catalog.refresh())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    source.open.set()
    await second
    assert catalog.known("new/model") is not None


@pytest.mark.parametrize("problem", [None, RuntimeError("broken"), TimeoutError()])
async def test_a_source_that_fails_keeps_its_last_list(problem: BaseException | None) -> None:
    source = ListSource("openrouter", row("new/model"))
    catalog = Catalog([source])
    await catalog.refresh()
    source.rows = problem
    await catalog.refresh()
    assert catalog.known("new/model") is not None


async def test_one_failing_source_does_not_hide_the_others() -> None:
    broken, working = ListSource("openrouter"), ListSource("local", row("local/smollm2"))
    broken.rows = RuntimeError("broken")
    catalog = Catalog([broken, working])
    await catalog.refresh()
    assert catalog.known("local/smollm2") is not None


async def test_a_source_that_comes_back_is_believed_again() -> None:
    source = ListSource("openrouter", row("old/model"))
    catalog = Catalog([source])
    await catalog.refresh()
    source.rows = None
    await catalog.refresh()
    source.rows = [row("new/model")]
    await catalog.refresh()
    assert catalog.known("new/model") is not None
    assert catalog.known("old/model") is None


@pytest.mark.parametrize("model_id", ["", "x" * 5000, "\x00", "../..", "🦔"])
async def test_a_strange_id_is_not_found_and_not_repeated_at_length(model_id: str) -> None:
    with pytest.raises(AppError) as refused:
        await Catalog([]).find(model_id)
    assert refused.value.code is ErrorCode.MODEL_NOT_FOUND
    assert len(refused.value.message) < 500
