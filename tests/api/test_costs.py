"""What answers cost: taken from the usage, asked for later where none came, never believed blindly, and kept within a budget."""

from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from ai_chat.emulators.openrouter import Emulator
from ai_chat.features.chats.models import Generation
from ai_chat.features.usage import settling_later
from ai_chat.features.usage.models import LateCost, UsageEntry
from ai_chat.features.usage.spending import Spending
from tests.api.helpers import assert_refused, captured_logs, eventually, moment, next_midnight
from tests.api.test_metrics import number
from tests.api.test_openai_client import ASK, SLOW, program
from tests.product import MODEL, PREMIUM_MODEL, Api, Product, running_product

FREE_PRICED = "openai/gpt-oss-20b:free"


@pytest.fixture(autouse=True)
def looks_come_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling_later, "LOOK_SECONDS", 0.02)


async def entry_of(product: Product) -> UsageEntry:
    return cast(UsageEntry, await product.database.read(lambda session: session.scalars(select(UsageEntry)).one()))


async def settled(product: Product) -> UsageEntry:
    """The only entry of the ledger, once what it cost is known for sure."""
    product.clock.travel(seconds=2)  # it is not asked about at once

    async def sure() -> UsageEntry | None:
        entry = await entry_of(product)
        return entry if entry.state != "reserved" and not entry.estimated and entry.cost_usd is not None else None

    return cast(UsageEntry, await eventually(sure))


def cost_upstream(product: Product) -> Decimal:
    """What the provider has charged for everything."""
    return sum(
        (Decimal(str(generation.describe()["total_cost"])) for generation in product.emulator.admin.generations()),
        Decimal(0),
    )


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
@pytest.mark.parametrize(
    "fault",
    ["no_usage", "null_cost", "negative_cost", "absurd_cost", "error_int;after=5", "reset;after=5", "eof;after=5"],
)
async def test_a_cost_that_did_not_come_with_the_answer_is_asked_for_later(product: Product, fault: str) -> None:
    user = await product.user()
    chat = await user.new_chat()
    product.emulator.admin.generation_lag(misses=1 if fault == "no_usage" else 0)
    await user.send(chat, f"/emulator fault={fault}\nHello")
    entry = await settled(product)
    assert entry.cost_usd == cost_upstream(product)
    answer = (await user.messages(chat))[-1]
    assert Decimal(answer["cost"]) == entry.cost_usd
    assert await product.database.read(lambda session: session.scalars(select(LateCost)).all()) == []


async def test_a_stopped_answer_s_cost_is_asked_for_too(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator speed=50;text=long\nTell me") as response:
        for _ in range(4):
            await response.content.readuntil(b"\n\n")
        await user.post(f"/api/chat/{chat}/stop")
        await response.read()
    entry = await settled(product)
    assert entry.cost_usd is not None
    assert entry.cost_usd == cost_upstream(product) > 0


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_a_cost_that_is_known_later_counts_for_the_key_that_asked(product: Product) -> None:
    user = await product.user()
    async with program(product, user, monthlySpendLimitUsd="10") as client:
        stream = await client.chat.completions.create(model=MODEL, messages=SLOW, stream=True)
        await anext(aiter(stream))
        await stream.close()  # no usage comes: what it cost is estimated, and asked for later
        entry = await settled(product)
        await client.chat.completions.create(model=MODEL, messages=ASK)
    [key] = (await user.get("/api/keys")).data
    assert entry.cost_usd is not None
    assert Decimal(key["used"]["spentThisMonthUsd"]) == cost_upstream(product) > entry.cost_usd > 0


async def test_the_provider_s_id_of_a_running_answer_is_kept_so_that_a_killed_one_can_be_settled(
    product: Product,
) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator speed=20;text=long\nTell me"):

        async def kept() -> str | None:
            return await product.database.read(lambda session: session.scalar(select(Generation.answer_id)))

        answer_id = await eventually(kept)
        assert [answer_id] == [generation.id for generation in product.emulator.admin.generations()]
        await user.post(f"/api/chat/{chat}/stop")


async def test_a_price_that_has_changed_since_the_list_was_read_is_what_counts(product: Product) -> None:
    user = await product.user()
    product.emulator.admin.reprice(MODEL, "0.00001", "0.00007")
    await user.send(await user.new_chat(), "Hello")
    entry = await settled(product)
    assert entry.cost_usd == cost_upstream(product) > Decimal("0.0007")
    assert not product.emulator.admin.requests("/generation")


async def test_an_answer_whose_cost_is_never_found_keeps_its_estimate(product: Product) -> None:
    user = await product.user()
    product.emulator.admin.fault("http404", times=None, path="/generation")
    await user.send(await user.new_chat(), "/emulator fault=no_usage\nHello")

    async def asked() -> bool:
        return bool(product.emulator.admin.requests("/generation"))

    await eventually(asked)
    product.clock.travel(hours=25)

    async def given_up() -> bool:
        return not await product.database.read(lambda session: session.scalars(select(LateCost)).all())

    await eventually(given_up)
    entry = await entry_of(product)
    assert entry.estimated
    assert entry.cost_usd is not None
    assert entry.cost_usd > 0


async def test_costs_that_came_with_their_answers_are_not_asked_for(product: Product) -> None:
    user = await product.user()
    await user.send(await user.new_chat(), "Hello")
    assert (await entry_of(product)).cost_usd == cost_upstream(product)
    assert await product.database.read(lambda session: session.scalars(select(LateCost)).all()) == []


async def spend(user: Api, model: str = PREMIUM_MODEL) -> Any:
    """Sends until refused; the refusal."""
    for _ in range(100):
        chat = await user.new_chat(model)
        async with user.open_message(chat, "/emulator text=count;tokens=300\nGo") as response:
            if response.status != 200:
                return await response.json(), response.headers
            await response.read()
    raise AssertionError("never refused")


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_the_day_s_budget_closes_models_that_cost_money_until_midnight(
    tmp_path: Path, emulator: Emulator, database_url: str | None
) -> None:
    limit = Decimal("0.02")
    async with running_product(
        data_dir=tmp_path, emulator=emulator, database_url=database_url, daily_spend_limit_usd=limit
    ) as product:
        user = await product.user("premium")
        free_chat = await user.new_chat(FREE_PRICED)
        with captured_logs() as logs:
            body, headers = await spend(user)
            await cast(Spending, product.app.state.parts[Spending]).look_after()
        assert limit <= cost_upstream(product) < limit + Decimal("0.01")
        error = body["error"]
        assert error["code"] == "MODEL_UNAVAILABLE"
        assert moment(error["resetsAt"]) == next_midnight(product)
        assert int(headers["Retry-After"]) > 0
        assert "pay" not in error["message"].lower()
        assert "DAILY_SPEND_LIMIT_USD is reached" in logs.getvalue()
        assert await number(product, "ai_chat_spend_limit_reached") == 1
        assert await number(product, "ai_chat_spend_today_usd") == pytest.approx(float(cost_upstream(product)))
        models = {model["id"]: model for model in (await user.get("/api/models")).data}
        assert not models[PREMIUM_MODEL]["available"]
        assert models[FREE_PRICED]["available"]
        assert (await user.send(free_chat, "Hello")).last["type"] == "done"
        product.clock.travel(days=1)
        user = await product.user("premium")
        assert (await user.send(await user.new_chat(PREMIUM_MODEL), "Hello")).last["type"] == "done"


async def test_the_budget_that_is_used_up_is_used_up_after_a_restart(tmp_path: Path, emulator: Emulator) -> None:
    settings = {"data_dir": tmp_path, "emulator": emulator, "daily_spend_limit_usd": Decimal("0.01")}
    async with running_product(**settings) as product:  # type: ignore[arg-type]
        user = await product.user("premium", "somebody@example.com")
        await spend(user)
        chat = await user.new_chat(FREE_PRICED)
    async with running_product(**settings) as product:  # type: ignore[arg-type]
        again = Api(product.session, product.url, user.token)
        assert (await again.send(chat, "Hello")).last["type"] == "done"
        paid = await again.new_chat(PREMIUM_MODEL)
        assert_refused(await again.post(f"/api/chat/{paid}/message", {"content": "Hi"}), 503, "MODEL_UNAVAILABLE")
