"""Pieces become frames: in order, none lost, few of them, and together exactly what is stored."""

import asyncio
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ai_chat.relay import tick
from ai_chat.relay.relay import Relay
from ai_chat.relay.upstream import AnswerSink
from tests.unit.relay_fakes import (
    MemoryStore,
    ScriptedUpstream,
    events_of,
    plan_for,
    saying,
    saying_then_waiting,
    text_of,
    until,
    until_closed,
)

PIECES = st.lists(st.text(st.characters(exclude_categories=()), max_size=6), max_size=12)


async def test_the_first_frame_says_what_the_stream_belongs_to() -> None:
    plan = plan_for(saying("Hi"))
    log = Relay(MemoryStore()).start(plan)
    assert events_of(log)[0] == {
        "type": "start",
        "messageId": str(plan.message_id),
        "userMessageId": str(plan.user_message_id),
        "generationId": str(plan.generation_id),
        "model": plan.model,
    }
    await until_closed(log)


async def test_an_answer_is_start_then_text_then_done() -> None:
    log = Relay(MemoryStore()).start(plan_for(saying("Hel", "lo")))
    events = await until_closed(log)
    assert [event["type"] for event in events] == ["start", "delta", "delta", "done"]
    assert events[-1]["finishReason"] == "stop"
    assert events[-1]["done"] is True


async def test_the_first_piece_goes_out_at_once() -> None:
    relay = Relay(MemoryStore())
    log = relay.start(plan_for(saying_then_waiting("Hel", "lo")))
    await until(lambda: len(log) > 1)
    assert text_of(log) == "Hel"
    await until(lambda: text_of(log) == "Hello")
    await relay.drain(0)


async def test_what_arrives_within_a_tick_leaves_as_one_frame() -> None:
    relay = Relay(MemoryStore())
    log = relay.start(plan_for(saying_then_waiting(*"abcdefghij")))
    await until(lambda: text_of(log) == "abcdefghij")
    assert [event.get("delta") for event in events_of(log)[1:]] == ["a", "bcdefghij"]
    await relay.drain(0)


async def test_a_token_every_millisecond_makes_about_a_frame_a_tick() -> None:
    async def answer(sink: AnswerSink) -> None:
        for _ in range(150):
            sink.text("x")
            await asyncio.sleep(0.001)

    log = Relay(MemoryStore()).start(plan_for(ScriptedUpstream(answer)))
    await until_closed(log)
    assert text_of(log) == "x" * 150
    assert len(log) < 60


async def test_reasoning_comes_before_the_text_it_came_before() -> None:
    async def answer(sink: AnswerSink) -> None:
        for piece in ("Let ", "me ", "see"):
            sink.reasoning(piece)
        for piece in ("It ", "is ", "4"):
            sink.text(piece)
        sink.reasoning(" (sure)")

    store = MemoryStore()
    events = await until_closed(Relay(store).start(plan_for(ScriptedUpstream(answer))))
    parts = [(event["type"], event.get("reasoning") or event.get("delta")) for event in events[1:-1]]
    assert parts == [("reasoning", "Let "), ("reasoning", "me see"), ("delta", "It is 4"), ("reasoning", " (sure)")]
    assert (store.ending.text, store.ending.reasoning) == ("It is 4", "Let me see (sure)")


@settings(max_examples=60, deadline=None)
@given(PIECES)
def test_the_deltas_are_the_stored_text_byte_for_byte(pieces: list[str]) -> None:
    async def run() -> None:
        store = MemoryStore()
        log = Relay(store).start(plan_for(saying(*pieces)))
        await until_closed(log)
        assert text_of(log).encode() == store.ending.text.encode()
        assert "\x00" not in store.ending.text

    asyncio.run(run())


async def test_the_deltas_are_the_stored_text_across_many_ticks() -> None:
    pieces = [
        "Привет",
        " 👨‍👩‍👧",
        "\u200d",
        "👦",
        "\ud83e",
        "\udd94",
        "e",
        "\u0301",
        "\r\n",
        "\n\n",
        "data: x",
        "\x00",
    ] * 5

    async def answer(sink: AnswerSink) -> None:
        for piece in pieces:
            sink.text(piece)
            await asyncio.sleep(tick.SHORTEST_SECONDS / 7)

    store = MemoryStore()
    log = Relay(store).start(plan_for(ScriptedUpstream(answer)))
    await until_closed(log)
    assert text_of(log) == store.ending.text


async def test_pieces_without_text_make_no_frames() -> None:
    log = Relay(MemoryStore()).start(plan_for(saying("", "\x00", "Hi", "")))
    assert [event["type"] for event in await until_closed(log)] == ["start", "delta", "done"]


async def test_a_new_name_of_the_chat_is_told_right_after_the_start() -> None:
    log = Relay(MemoryStore()).start(replace(plan_for(saying("Hi")), new_title="Ежи"))
    assert [event["type"] for event in await until_closed(log)] == ["start", "title", "delta", "done"]
