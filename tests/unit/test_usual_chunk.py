"""Reading only what differs between chunks gives the same answer as parsing each of them."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_chat.integrations.chat_completions import chunks
from ai_chat.integrations.chat_completions.chunks import ChunkFold
from ai_chat.integrations.chat_completions.sse import EventDecoder
from ai_chat.integrations.chat_completions.usual import UsualChunk, around_text
from ai_chat.relay.upstream import UpstreamFailure
from tests.unit.relay_fakes import CollectingSink
from tests.wire.samples import Sample, load

Folded = tuple[str, str, str | None, object, str | None]


def folded(pieces: list[bytes], *, lessons: int) -> Folded:
    """What an answer says; without lessons every chunk is parsed."""
    sink, decoder = CollectingSink(), EventDecoder()
    fold, failed = ChunkFold(sink), None
    fold._lessons = lessons
    try:
        for piece in pieces:
            fold.take_block(decoder.block(piece))
    except UpstreamFailure as failure:
        failed = failure.detail
    return sink.text_so_far, sink.reasoning_so_far, sink.finish_reason, sink.last_usage, failed


def same_either_way(pieces: list[bytes]) -> Folded:
    parsed = folded(pieces, lessons=0)
    assert folded(pieces, lessons=chunks._MOST_LESSONS) == parsed
    return parsed


def chunk(text: str, *, created: int = 1, ascii_only: bool = False, after: str = "") -> bytes:
    content = json.dumps(text, ensure_ascii=ascii_only or any("\ud800" <= sign <= "\udfff" for sign in text))
    return (
        f'data: {{"id":"gen-1","created":{created},"model":"m","choices":[{{"index":0,"delta":{{"role":"assistant",'
        f'"content":{content}}},"finish_reason":null}}]{after}}}\n\n'
    ).encode()


TEXTS = st.text(max_size=6) | st.sampled_from(
    [
        '"',
        "\\",
        '","',
        '"}}',
        "\n\n",
        "data: ",
        '","content":"',
        '{"content":"x"}',
        "\ud83e",
        "\udd94",
        "🦔",
        "\x00",
        "",
    ]
)
EVENTS = st.one_of(
    st.builds(chunk, TEXTS),
    st.builds(chunk, TEXTS, ascii_only=st.booleans(), created=st.integers(1, 2)),
    st.builds(
        chunk,
        TEXTS,
        after=st.sampled_from([',"usage":{"total_tokens":3}', ',"error":{"message":"x"}', ',"usage":null']),
    ),
    st.sampled_from(
        [
            b": OPENROUTER PROCESSING\n\n",
            b"\n",
            b"data: [DONE]\n\n",
            b'data: {"choices":[{"delta":{"reasoning":"hm","content":""}}]}\n\n',
            b'data: {"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]}\n\n',
            b'data: {"id":"gen-1","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"a\\\n\n',
            b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n',
            b'data: {"note":{"content":"elsewhere"},"choices":[{"delta":{"content":"here"}}]}\n\n',
            b"event: x\ndata: {\ndata: }\n\n",
            b"data: \xff\n\n",
        ]
    ),
)


@given(st.lists(EVENTS, max_size=12), st.lists(st.integers(0, 2**16), max_size=4))
def test_whatever_comes_in_whatever_pieces(events: list[bytes], places: list[int]) -> None:
    body = b"".join(events)
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    same_either_way([body[start:end] for start, end in itertools.pairwise(edges)])


@pytest.mark.parametrize("sample", [one for one in load() if one.is_stream], ids=lambda sample: sample.name)
def test_recorded_answers(sample: Sample) -> None:
    same_either_way([sample.data])


def test_a_long_answer_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    parse = chunks._parse

    def counting(data: bytes) -> object:
        parsed.append(data)
        return parse(data)

    monkeypatch.setattr(chunks, "_parse", counting)
    words = [f"слово {number} 🦔 " for number in range(1000)]
    text = same_either_way([b"".join(chunk(word) for word in words)])[0]
    assert text == "".join(words)
    assert len(parsed) == 1000 + 2  # all of them without lessons; with them the first, and the proof


def test_a_stream_whose_chunks_all_differ_stops_trying() -> None:
    sink = CollectingSink()
    fold = ChunkFold(sink)
    for number in range(50):
        fold.take_block(chunk("a", created=number))
    assert sink.text_so_far == "a" * 50
    assert fold._lessons == 0


@pytest.mark.parametrize("inside", ['a","b', "a\nb", 'a\\","b', '"', "\\"])
def test_what_is_no_string_is_none_of_the_usual(inside: str) -> None:
    before, behind = around_text(b'{"content":"x"}') or (b"", b"")
    assert (before, behind) == (b'{"content":', b"}")
    usual = UsualChunk(before, behind)
    good = b'data: {"content":"good"}\n\n'
    bad = f'data: {{"content":"{inside}"}}\n\n'.encode()
    assert usual.texts_of(good + good, 0) == (["good", "good"], 2 * len(good))
    assert usual.texts_of(good + bad + good, 0) is None
    assert usual.text_of(bad[6:-2]) is None
