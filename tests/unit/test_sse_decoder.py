"""Server-sent events come out the same however their bytes are cut, and a huge line costs its length only once."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_chat.integrations.chat_completions.sse import LARGEST_EVENT, EventDecoder
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import UpstreamFailure

LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=20).map(str.encode)
FIELDS = st.one_of(
    VALUES.map(lambda value: b"data: " + value),
    VALUES.map(lambda value: b"data:" + value),
    VALUES.map(lambda value: b": " + value),
    VALUES.map(lambda value: b"event: " + value),
    st.sampled_from([b":", b"id: 1", b"retry: 3000", b"nonsense", b"data: {", b"data: [DONE]", b"data:"]),
)


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    """A stream of whole events, and the data of those that have any."""
    body, expected = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])), []
    for event in draw(st.lists(st.lists(FIELDS, min_size=1, max_size=4), max_size=6)):
        for line in event:
            body += line + draw(LINE_ENDS)
        body += draw(LINE_ENDS)
        data = [line[5:].removeprefix(b" ") for line in event if line.startswith(b"data:")]
        if data:
            expected.append(b"\n".join(data))
    # A CR that a LF follows is one line end: such a join of two lines would be another stream than the one meant.
    return body, expected if re.search(rb"\r\n", body) is None else by_the_letter(body)


def by_the_letter(body: bytes) -> list[bytes]:
    """The slow way, on the whole text at once."""
    events: list[bytes] = []
    data: list[bytes] = []
    for line in re.split(rb"\r\n|\n|\r", body.removeprefix(b"\xef\xbb\xbf")):
        if not line and data:
            events.append(b"\n".join(data))
            data = []
        elif line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
    return events + ([b"\n".join(data)] if data else [])


def decode(*pieces: bytes) -> list[bytes]:
    decoder = EventDecoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return events + decoder.end()


def cut(body: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in itertools.pairwise(edges)]


@given(streams())
def test_a_whole_stream_gives_the_data_of_its_events(stream: tuple[bytes, list[bytes]]) -> None:
    body, expected = stream
    assert decode(body) == expected


@given(streams(), st.lists(st.integers(min_value=0, max_value=2**16), max_size=8))
def test_any_cuts_give_the_same_events(stream: tuple[bytes, list[bytes]], places: list[int]) -> None:
    body, _ = stream
    assert decode(*cut(body, places)) == decode(body)


@given(streams())
def test_single_bytes_give_the_same_events(stream: tuple[bytes, list[bytes]]) -> None:
    body, _ = stream
    assert decode(*(body[place : place + 1] for place in range(len(body)))) == decode(body)


@given(st.binary(max_size=200), st.lists(st.integers(min_value=0, max_value=2**16), max_size=8))
def test_any_bytes_at_all_give_the_same_events_however_cut(body: bytes, places: list[int]) -> None:
    assert decode(*cut(body, places)) == decode(body)


def test_an_event_comes_out_as_soon_as_it_is_complete() -> None:
    decoder = EventDecoder()
    assert decoder.feed(b"data: a\n") == []
    assert decoder.feed(b"\ndata: b") == [b"a"]
    assert decoder.feed(b"\n\n") == [b"b"]


def test_many_events_of_one_read_come_out_together() -> None:
    assert EventDecoder().feed(b"data: a\n\n: comment\n\ndata: b\n\ndata: c") == [b"a", b"b"]


def test_comments_alone_are_no_events() -> None:
    assert decode(b": OPENROUTER PROCESSING\n\n" * 3) == []


def test_several_data_lines_are_joined_by_line_feeds() -> None:
    assert decode(b'data: {"a":\ndata: 1}\n\n') == [b'{"a":\n1}']


def test_a_comment_inside_an_event_does_not_end_it() -> None:
    assert decode(b"data: a\n: wait\ndata: b\n\n") == [b"a\nb"]


def test_only_one_blank_after_the_colon_belongs_to_the_field() -> None:
    assert decode(b"data:  a\n\ndata:b\n\n") == [b" a", b"b"]


def test_an_event_that_the_end_cuts_off_before_its_blank_line_still_counts() -> None:
    assert decode(b"data: a\n\ndata: [DONE]") == [b"a", b"[DONE]"]
    assert decode(b"data: [DONE]\r\n") == [b"[DONE]"]


@pytest.mark.parametrize("character", ["🦔", "é", "漢"])
def test_a_character_cut_in_two_is_whole_again(character: str) -> None:
    body = f"data: {character}\n\n".encode()
    for place in range(len(body)):
        assert decode(body[:place], body[place:]) == [character.encode()]


def test_unicode_line_separators_end_no_line() -> None:
    assert decode("data: a\u2028b\u2029c\u0085d\n\n".encode()) == ["a\u2028b\u2029c\u0085d".encode()]


def test_a_byte_order_mark_in_mid_stream_stays() -> None:
    assert decode(b"data: a\n\n", b"data: \xef\xbb\xbfb\n\n") == [b"a", b"\xef\xbb\xbfb"]


def test_a_line_of_two_megabytes_is_whole() -> None:
    body = b"data: " + b"x" * 2_000_000 + b"\n\n"
    assert [len(event) for event in decode(*cut(body, list(range(0, 2_000_000, 1400))))] == [2_000_000]


def test_a_long_line_in_single_bytes_is_searched_only_once() -> None:
    """With a search from the start at every byte, these 200 kB would be 20 GB of searching and the time limit would strike."""
    body = b"data: " + b"x" * 200_000 + b"\n\n"
    assert len(decode(*(body[place : place + 1] for place in range(len(body))))[0]) == 200_000


def test_a_thousand_small_events_of_one_read_leave_nothing_behind() -> None:
    decoder = EventDecoder()
    assert len(decoder.feed(b"data: x\n\n" * 1000)) == 1000
    assert decoder.end() == []


def test_an_event_that_does_not_end_is_not_collected_for_ever() -> None:
    decoder = EventDecoder()
    for _ in range(LARGEST_EVENT // 65536):
        decoder.feed(b"x" * 65536)
    with pytest.raises(UpstreamFailure) as failure:
        decoder.feed(b"x")
    assert failure.value.code == ErrorCode.UPSTREAM_ERROR


def test_a_large_event_that_ends_is_read() -> None:
    decoder, piece = EventDecoder(), b"x" * (LARGEST_EVENT - 100)
    assert decoder.feed(b"data: " + piece) == []
    assert decoder.feed(b"\n\n") == [piece]
