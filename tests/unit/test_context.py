"""How much history goes with a message: the window is never exceeded, and the newest words are kept."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_chat.features.catalog.service import Model
from ai_chat.features.chats.branching import Question
from ai_chat.features.chats.context import (
    answer_limit,
    end_of,
    newest_that_fit,
    prompt_of,
    prompt_size,
    room_for,
    system_prompt_of,
)
from ai_chat.features.chats.queries import BranchMessage
from ai_chat.features.usage.plans import DEFAULT_PLANS
from ai_chat.kernel.ids import new_id
from ai_chat.kernel.tokens import MESSAGE_OVERHEAD, estimate_tokens

FREE, PREMIUM = DEFAULT_PLANS["free"], DEFAULT_PLANS["premium"]
PLANS = st.sampled_from([FREE, PREMIUM])
SYSTEM_PROMPTS = st.one_of(st.none(), st.integers(1, 400).map(lambda words: "word " * words))


def model(window: int, output: int | None = None, budget: int | None = None) -> Model:
    return Model(
        id="m", name="M", provider="P", tier="free", source="openrouter", context_length=window,
        max_output_tokens=output, prompt_price=Decimal(0), completion_price=Decimal(0), prompt_budget=budget,
    )  # fmt: skip


MODELS = st.builds(
    model,
    st.integers(256, 2_000_000),
    st.one_of(st.none(), st.integers(16, 200_000)),
    st.one_of(st.none(), st.integers(100, 4000)),
)


def message(size: int, role: str = "user") -> BranchMessage:
    return BranchMessage(id=new_id(), role=role, content="x", size_tokens=size)


def messages(sizes: Sequence[int]) -> list[BranchMessage]:
    return [message(size) for size in sizes]


SIZES = st.lists(st.integers(0, 40_000), max_size=30)


@given(SIZES, st.integers(0, 500_000))
def test_the_newest_that_fit_are_as_many_as_fit_and_none_is_left_out_between(sizes: list[int], budget: int) -> None:
    history = messages(sizes)
    chosen = newest_that_fit(history, budget)
    assert list(chosen) == history[len(history) - len(chosen) :]
    assert sum(one.size_tokens + MESSAGE_OVERHEAD for one in chosen) <= budget
    if len(chosen) < len(history):
        first_left_out = history[len(history) - len(chosen) - 1]
        with_it = [first_left_out, *chosen]
        assert sum(one.size_tokens + MESSAGE_OVERHEAD for one in with_it) > budget


def test_where_nothing_fits_nothing_is_chosen_and_what_fits_exactly_is() -> None:
    history = messages([100, 10, 6])
    assert newest_that_fit(history, 9) == []
    assert newest_that_fit(history, 10) == history[2:]
    assert newest_that_fit(history, 23) == history[2:]
    assert newest_that_fit(history, 24) == history[1:]
    assert newest_that_fit([], 0) == []


@given(st.text(min_size=1, max_size=300), st.integers(1, 200), st.integers(0, 300))
def test_the_end_of_a_message_is_its_end_and_fits(content: str, size: int, budget: int) -> None:
    whole = BranchMessage(id=new_id(), role="assistant", content=content, size_tokens=size)
    end = end_of(whole, budget)
    assert content.endswith(end.content)
    assert end.size_tokens <= max(0, budget - MESSAGE_OVERHEAD)
    if size + MESSAGE_OVERHEAD <= budget:
        assert end is whole


@given(MODELS, PLANS, SYSTEM_PROMPTS, st.integers(1, 40_000), st.lists(st.integers(0, 40_000), max_size=30))
def test_prompt_and_answer_together_never_exceed_the_window(
    chosen: Model, plan: object, system_prompt: str | None, message_tokens: int, sizes: list[int]
) -> None:
    assert plan is FREE or plan is PREMIUM
    room = room_for(chosen, plan, system_prompt=system_prompt, message_tokens=message_tokens)
    if not room.message_fits:
        return
    prompt = prompt_size(system_prompt, newest_that_fit(messages(sizes), room.history), message_tokens)
    assert prompt + answer_limit(chosen, plan, prompt) <= chosen.context_length


@given(MODELS, PLANS, SYSTEM_PROMPTS, st.integers(1, 40_000), st.lists(st.integers(0, 40_000), max_size=30))
def test_the_plans_context_budget_holds(
    chosen: Model, plan: object, system_prompt: str | None, message_tokens: int, sizes: list[int]
) -> None:
    assert plan is FREE or plan is PREMIUM
    room = room_for(chosen, plan, system_prompt=system_prompt, message_tokens=message_tokens)
    history = newest_that_fit(messages(sizes), room.history)
    if history:
        assert prompt_size(system_prompt, history, message_tokens) <= plan.context_tokens + 8


@given(MODELS, PLANS, SYSTEM_PROMPTS, st.integers(0, 100_000))
def test_a_message_over_the_plans_limit_never_fits(
    chosen: Model, plan: object, system_prompt: str | None, over: int
) -> None:
    assert plan is FREE or plan is PREMIUM
    tokens = plan.tokens_per_message + 1 + over
    assert not room_for(chosen, plan, system_prompt=system_prompt, message_tokens=tokens).message_fits


@pytest.mark.parametrize(
    ("plan", "window", "output", "prompt", "limit"),
    [
        (FREE, 128_000, 16_384, 100, 4_000),
        (PREMIUM, 128_000, 16_384, 100, 16_384),
        (PREMIUM, 128_000, None, 100, 32_000),
        (FREE, 4_096, None, 3_000, 1_096),
        (FREE, 128_000, 500, 100, 500),
    ],
)
def test_an_answer_may_be_as_long_as_the_least_of_plan_model_and_window(
    plan: object, window: int, output: int | None, prompt: int, limit: int
) -> None:
    assert plan is FREE or plan is PREMIUM
    assert answer_limit(model(window, output), plan, prompt) == limit


def test_a_message_of_exactly_the_plans_limit_fits_a_large_model() -> None:
    assert room_for(model(128_000), FREE, system_prompt=None, message_tokens=4_000).message_fits
    assert not room_for(model(128_000), FREE, system_prompt=None, message_tokens=4_001).message_fits


def test_a_message_that_fills_a_small_window_does_not_fit() -> None:
    small = model(2_048)
    assert room_for(small, FREE, system_prompt=None, message_tokens=1_000).message_fits
    assert not room_for(small, FREE, system_prompt=None, message_tokens=1_700).message_fits


def test_a_small_model_gets_only_as_much_history_as_helps_it() -> None:
    room = room_for(model(2_048, budget=600), FREE, system_prompt="Be brief.", message_tokens=50)
    assert 0 < room.history <= 600 - 50


def test_a_system_prompt_takes_its_room_from_the_history() -> None:
    prompt = "word " * 500
    bare = room_for(model(8_192), FREE, system_prompt=None, message_tokens=10)
    with_prompt = room_for(model(8_192), FREE, system_prompt=prompt, message_tokens=10)
    assert bare.history - with_prompt.history == estimate_tokens(prompt) + 4


def test_the_prompt_is_system_then_history_then_the_new_message() -> None:
    history = [message(1), message(1, "assistant")]
    sent = prompt_of("Be brief.", history, Question("And now?", 2))
    assert [(part.role, part.content) for part in sent] == [
        ("system", "Be brief."),
        ("user", "x"),
        ("assistant", "x"),
        ("user", "And now?"),
    ]


def test_without_history_and_system_prompt_only_the_message_is_sent() -> None:
    assert [part.role for part in prompt_of(None, [], Question("Hi", 1))] == ["user"]


def test_own_instructions_leave_a_small_window_to_the_conversation() -> None:
    short, long = "Be brief.", "word " * 300
    assert system_prompt_of(model(8000), None, short) == short
    assert system_prompt_of(model(8000), "You are a captain.", short) == "You are a captain.\n\nBe brief."
    assert system_prompt_of(model(8000), None, long) == long
    assert system_prompt_of(model(1024), "You are a captain.", long) == "You are a captain."
    assert system_prompt_of(model(1024), None, None) is None
