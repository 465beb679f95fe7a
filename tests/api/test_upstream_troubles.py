"""An upstream in trouble, seen by a person: what passes is not noticed, what does not is said plainly, and others go on."""

from pathlib import Path
from typing import cast

import pytest

from ai_chat.emulators.openrouter import Emulator
from ai_chat.features.catalog.service import Catalog
from tests.api.helpers import assert_refused, captured_logs, eventually, questions_upstream
from tests.product import MODEL, PREMIUM_MODEL, Api, Product, running_product

FREE_PRICED = "openai/gpt-oss-20b:free"


async def available(user: Api, model_id: str) -> bool:
    return bool(next(model for model in (await user.get("/api/models")).data if model["id"] == model_id)["available"])


@pytest.mark.parametrize(
    "fault",
    ["http408", "http500", "html502", "http503", "http524", "http529", "http429;retry_after=0.1", "reset_connect",
     "json_200", "error_int;after=0", "error_bare;after=0", "eof;after=0", "empty"],
)  # fmt: skip
async def test_a_trouble_that_passes_is_not_noticed(product: Product, fault: str) -> None:
    user = await product.user()
    chat = await user.new_chat()
    product.emulator.admin.fault(fault, times=2)
    stream = await user.send(chat, "Hello")
    assert stream.last["type"] == "done"
    assert len(questions_upstream(product, "Hello")) == 3
    assert (await user.messages(chat))[-1]["content"] == stream.text


async def test_no_more_than_two_retries_are_made(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    product.emulator.admin.fault("http503", times=None)
    assert (await user.send(chat, "Hello")).last["error"]["code"] == "UPSTREAM_RATE_LIMITED"
    assert len(questions_upstream(product, "Hello")) == 3


@pytest.mark.parametrize("fault", ["http400", "http403", "http413", "http429;retry_after=3600", "error_int;after=4"])
async def test_what_will_not_pass_or_was_shown_in_part_is_not_asked_again(product: Product, fault: str) -> None:
    user = await product.user()
    chat = await user.new_chat()
    product.emulator.admin.fault(fault, times=None)
    assert (await user.send(chat, "Hello")).last["type"] == "error"
    assert len(questions_upstream(product, "Hello")) == 1


@pytest.mark.parametrize("fault", ["http402", "http402;kind=prompt", "http401"])
async def test_the_operator_s_money_or_key_is_an_alarm_and_no_person_s_business(product: Product, fault: str) -> None:
    user = await product.user()
    chat = await user.new_chat()
    product.emulator.admin.fault(fault)
    with captured_logs() as logs:
        failed = await user.send(chat, "Hello")
        refused = await user.post(f"/api/chat/{chat}/message", {"content": "Again"})
    assert failed.last["error"]["code"] == "UPSTREAM_UNAVAILABLE"
    error = assert_refused(refused, 503, "MODEL_UNAVAILABLE")
    assert int(refused.headers["Retry-After"]) > 0
    assert error["resetsAt"]
    said = (failed.last["error"]["message"] + error["message"]).lower()
    assert not any(word in said for word in ("pay", "credit", "money", "key"))
    assert '"level": "error"' in logs.getvalue()
    assert not await available(user, MODEL)
    assert await available(user, FREE_PRICED) == ("402" in fault)
    assert len(questions_upstream(product, "Again")) == 0


async def test_free_priced_models_go_on_without_credit(product: Product) -> None:
    user = await product.user()
    product.emulator.admin.fault("http402")
    await user.send(await user.new_chat(), "Hello")
    assert (await user.send(await user.new_chat(FREE_PRICED), "Hello")).last["type"] == "done"


async def test_the_daily_allowance_of_free_questions_shuts_free_models_until_it_opens(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat(FREE_PRICED)
    product.emulator.admin.fault("http429;kind=daily", times=None)
    assert (await user.send(chat, "Hello")).last["error"]["code"] == "UPSTREAM_RATE_LIMITED"
    assert len(questions_upstream(product, "Hello")) == 1
    assert_refused(await user.post(f"/api/chat/{chat}/message", {"content": "Again"}), 503, "MODEL_UNAVAILABLE")
    assert not await available(user, FREE_PRICED)
    product.emulator.admin.clear_faults()
    assert (await user.send(await user.new_chat(), "Hello")).last["type"] == "done"


async def test_moderation_is_said_in_plain_words(product: Product) -> None:
    user = await product.user()
    stream = await user.send(await user.new_chat(), "/emulator fault=http403\nHello")
    assert stream.last["error"]["code"] == "UPSTREAM_MODERATED"
    assert "flagged" not in stream.last["error"]["message"]


async def test_a_model_that_only_thought_until_its_length_was_used_up_says_so_and_counts(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    stream = await user.send(chat, "/emulator fault=length_reasoning\nHello")
    assert stream.last["error"]["code"] == "UPSTREAM_ONLY_REASONING"
    assert (await user.get("/api/usage")).data["messages"]["used"] == 1
    assert float((await user.messages(chat))[-1]["cost"]) > 0


async def test_a_successor_answers_for_a_model_in_trouble_and_is_named(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat("openai/gpt-3.5-turbo")
    product.emulator.admin.fault("http502", model="openai/gpt-3.5-turbo", times=None)
    assert (await user.send(chat, "Hello")).last["type"] == "done"
    answer = (await user.messages(chat))[-1]
    assert (answer["model"], answer["servedBy"]) == ("openai/gpt-3.5-turbo", "openai/gpt-4o-mini")


async def test_an_answer_under_the_model_s_dated_name_names_nobody_else(product: Product) -> None:
    user = await product.user("premium")
    chat = await user.new_chat("anthropic/claude-sonnet-4.6")
    await user.send(chat, "Hello")
    assert (await user.messages(chat))[-1]["servedBy"] is None


async def test_the_operator_s_fallbacks_answer_and_none_of_a_higher_plan(tmp_path: Path, emulator: Emulator) -> None:
    async with running_product(
        data_dir=tmp_path,
        emulator=emulator,
        openrouter_fallback_models=(PREMIUM_MODEL, "openai/gpt-5-nano"),
    ) as other:
        user = await other.user()
        emulator.admin.fault("http503", model=MODEL, times=None)
        chat = await user.new_chat()
        assert (await user.send(chat, "Hello")).last["type"] == "done"
        assert (await user.messages(chat))[-1]["servedBy"] == "openai/gpt-5-nano"


async def test_a_model_that_has_left_the_list_makes_the_list_be_read_again(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat("openai/gpt-5-nano")
    product.emulator.admin.remove_model("openai/gpt-5-nano")
    reads = len(product.emulator.admin.requests("/models"))
    cast(Catalog, product.app.state.parts[Catalog])._refreshed_at = float("-inf")
    assert (await user.send(chat, "Hello")).last["error"]["code"] == "UPSTREAM_UNAVAILABLE"

    async def read_again() -> bool:
        return len(product.emulator.admin.requests("/models")) > reads

    await eventually(read_again)


async def test_a_stopped_wait_between_attempts_ends_at_once(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    product.emulator.admin.fault("http429;retry_after=7", times=None)
    async with user.open_message(chat, "Hello") as response:
        await response.content.readuntil(b"\n\n")

        async def asked() -> bool:
            return bool(questions_upstream(product, "Hello"))

        await eventually(asked)
        assert (await user.post(f"/api/chat/{chat}/stop")).data == {"stopped": True}
        assert b'"finishReason":"stopped"' in await response.read()
