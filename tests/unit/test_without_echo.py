"""An answer that is continued: a repetition of what is known is taken out, and nothing else ever is."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_chat.features.chats.continuing import WithoutEcho
from ai_chat.relay.upstream import Usage
from tests.unit.relay_fakes import CollectingSink

KNOWN = "The harbour was quiet at dawn, and the boats"
REST = " lay against the quay."


def heard(known: str, *pieces: str, finish: str | None = "stop") -> str:
    sink = CollectingSink()
    guarded = WithoutEcho(sink, known)
    for piece in pieces:
        guarded.text(piece)
    if finish is not None:
        guarded.finish(finish)
    guarded.end()
    return sink.text_so_far


def cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 2, 7, 43, 44, 45, 1000])
def test_a_repetition_is_taken_out_however_it_is_cut(size: int) -> None:
    assert heard(KNOWN, *cut(KNOWN + REST, size)) == REST


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_what_goes_on_at_once_passes_as_it_is(size: int) -> None:
    assert heard(KNOWN, *cut(REST, size)) == REST


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_what_only_begins_like_a_repetition_passes_whole(size: int) -> None:
    assert heard(KNOWN, *cut("The harbour was loud.", size)) == "The harbour was loud."


@pytest.mark.parametrize("finish", ["stop", None])
def test_an_answer_that_ends_within_the_repetition_was_none(finish: str | None) -> None:
    assert heard(KNOWN, "The harbour", finish=finish) == "The harbour"


def test_only_the_beginning_is_looked_at() -> None:
    assert heard(KNOWN, "So: ", KNOWN) == "So: " + KNOWN
    assert heard(KNOWN, KNOWN, KNOWN) == KNOWN


def test_a_short_text_may_be_written_twice_on_purpose() -> None:
    assert heard("Ha ha", "Ha ha", "!") == "Ha ha!"


def test_nothing_but_a_repetition_leaves_nothing() -> None:
    assert heard(KNOWN, KNOWN) == ""


def test_what_passes_does_not_wait() -> None:
    sink = CollectingSink()
    guarded = WithoutEcho(sink, KNOWN)
    guarded.text("The sea")
    assert sink.text_so_far == "The sea"
    guarded.text("!")
    assert sink.text_so_far == "The sea!"


def test_everything_else_passes_and_is_noticed() -> None:
    calls: list[Callable[[WithoutEcho], None]] = [
        lambda sink: sink.reasoning("hm"),
        lambda sink: sink.usage(Usage(1, 1, 2, None)),
        lambda sink: sink.finish("stop"),
        lambda sink: sink.text("T"),
    ]
    for send in calls:
        guarded = WithoutEcho(CollectingSink(), KNOWN)
        assert not guarded.touched
        send(guarded)
        assert guarded.touched
    sink = CollectingSink()
    guarded = WithoutEcho(sink, KNOWN)
    guarded.answered_by("gen-1", "m")
    assert (sink.answer_id, sink.model, guarded.touched) == ("gen-1", "m", False)


TEXTS = st.text(st.sampled_from("ab 👩é"), max_size=40)


@given(TEXTS, TEXTS, st.integers(1, 9))
def test_whatever_comes_either_all_of_it_passes_or_all_but_a_whole_repetition(known: str, said: str, size: int) -> None:
    expected = said.removeprefix(known) if len(known) >= 12 else said
    assert heard(known, *cut(said, size)) == expected
