"""What an answer means does not depend on how its bytes were cut: every recorded sample, at every place."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_chat.integrations.chat_completions.chunks import ChunkFold
from ai_chat.integrations.chat_completions.sse import EventDecoder
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import UpstreamFailure
from tests.unit.relay_fakes import CollectingSink
from tests.wire.samples import Sample, huge_image, load

STREAMS = [sample for sample in load() if sample.is_stream]


def fold(*pieces: bytes) -> tuple[CollectingSink, UpstreamFailure | None]:
    """As the client does it: pieces in, until the end, `[DONE]` or a failure."""
    sink, decoder = CollectingSink(), EventDecoder()
    chunks = ChunkFold(sink)
    try:
        for piece in pieces:
            for data in decoder.feed(piece):
                chunks.take(data)
            if chunks.done:
                break
        else:
            for data in decoder.end():
                chunks.take(data)
        chunks.end()
    except UpstreamFailure as failure:
        return sink, failure
    return sink, None


@pytest.mark.parametrize("sample", STREAMS, ids=lambda sample: sample.name)
def test_a_sample_means_what_its_index_says(sample: Sample) -> None:
    sink, failure = fold(sample.data)
    if sample.text is not None:
        assert sink.text_so_far == sample.text
    assert sink.reasoning_so_far == sample.reasoning
    if sample.outcome == "complete":
        assert failure is None
        assert sink.finish_reason == sample.finish_reason
    elif sample.outcome == "truncated":
        assert failure is not None
        assert (failure.code, failure.retryable) == (ErrorCode.UPSTREAM_DISCONNECTED, True)
    elif sample.outcome == "failed":
        assert failure is not None
        assert failure.code.value.startswith("UPSTREAM_")
        assert failure.code is not ErrorCode.UPSTREAM_DISCONNECTED


@pytest.mark.parametrize("sample", [s for s in STREAMS if s.usage is not None], ids=lambda sample: sample.name)
def test_usage_is_taken_from_whatever_chunk_has_it(sample: Sample) -> None:
    assert sample.usage is not None
    sink, _ = fold(sample.data)
    if not (sample.usage.prompt_tokens or sample.usage.completion_tokens):
        return
    assert sink.last_usage is not None
    assert sink.last_usage.prompt_tokens == sample.usage.prompt_tokens
    assert sink.last_usage.completion_tokens == sample.usage.completion_tokens
    assert sink.last_usage.total_tokens == sample.usage.prompt_tokens + sample.usage.completion_tokens
    assert sink.last_usage.cost_usd == (Decimal(sample.usage.cost) if sample.usage.cost is not None else None)


@pytest.mark.parametrize("sample", STREAMS, ids=lambda sample: sample.name)
def test_cutting_a_sample_in_two_anywhere_gives_the_same_events(sample: Sample) -> None:
    """The fold sees only events, so the same events are the same answer; that is many times faster to compare."""
    whole = events(sample.data)
    for number, halves in enumerate(sample.halves()):
        assert events(*halves) == whole, f"cut after byte {number}"


@pytest.mark.parametrize("sample", STREAMS, ids=lambda sample: sample.name)
def test_a_sample_byte_by_byte_means_the_same(sample: Sample) -> None:
    assert described(fold(*sample.singly())) == described(fold(sample.data))


def test_an_image_of_nearly_two_megabytes_does_not_disturb_the_text() -> None:
    sample = huge_image()
    pieces = (sample.data[start : start + 65_536] for start in range(0, len(sample.data), 65_536))
    sink, failure = fold(*pieces)
    assert failure is None
    assert sink.text_so_far == sample.text


def test_finish_is_told_once() -> None:
    sink, _ = fold(next(sample for sample in STREAMS if sample.name == "duplicate-finish").data)
    assert sink.finishes == ["stop"]


def test_text_beside_an_error_is_kept() -> None:
    sink, failure = fold(next(sample for sample in STREAMS if sample.name == "error-in-last-text").data)
    assert sink.text_so_far == "Hello, world"
    assert failure is not None


def test_the_name_that_other_servers_use_for_reasoning_is_understood() -> None:
    sink, _ = fold(b'data: {"choices":[{"delta":{"reasoning_content":"Hm"},"finish_reason":"stop"}]}\n\n')
    assert sink.reasoning_so_far == "Hm"


USAGE = b'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}],"usage":%b}\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize("cost", [b"-1", b"null", b'"NaN"', b'"Infinity"', b"1e99"])
def test_a_cost_that_nobody_could_have_charged_counts_as_unknown(cost: bytes) -> None:
    sink, failure = fold(USAGE % (b'{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"cost":%b}' % cost))
    assert failure is None
    assert sink.last_usage is not None
    assert sink.last_usage.cost_usd is None


@pytest.mark.parametrize("cost", [b"0.1", b'"0.1"', b"1e-1"])
def test_a_cost_is_read_from_its_digits(cost: bytes) -> None:
    sink, _ = fold(USAGE % (b'{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"cost":%b}' % cost))
    assert sink.last_usage is not None
    assert sink.last_usage.cost_usd == Decimal("0.1")


@pytest.mark.parametrize("tokens", [b"-5", b"9999999999999", b"1e30", b'"many"', b"12.5"])
def test_counts_that_make_no_sense_do_not_cost_the_answer(tokens: bytes) -> None:
    sink, failure = fold(USAGE % (b'{"prompt_tokens":%b,"completion_tokens":2,"total_tokens":%b}' % (tokens, tokens)))
    assert failure is None
    assert sink.text_so_far == "x"
    if sink.last_usage is not None:
        assert 0 <= sink.last_usage.prompt_tokens < 2**31
        assert 0 <= sink.last_usage.total_tokens < 2**31


def test_a_total_that_is_missing_is_added_up() -> None:
    sink, _ = fold(USAGE % b'{"prompt_tokens":2,"completion_tokens":3}')
    assert sink.last_usage is not None
    assert sink.last_usage.total_tokens == 5


def test_a_longer_cost_than_a_ledger_keeps_is_rounded() -> None:
    digits = b"0." + b"0" * 70 + b"1"
    sink, _ = fold(USAGE % (b'{"prompt_tokens":2,"completion_tokens":3,"cost":%b}' % digits))
    assert sink.last_usage is not None
    assert sink.last_usage.cost_usd is not None
    assert len(format(sink.last_usage.cost_usd, "f")) <= 40


def events(*pieces: bytes) -> list[bytes]:
    decoder = EventDecoder()
    return [data for piece in pieces for data in decoder.feed(piece)] + decoder.end()


def described(result: tuple[CollectingSink, UpstreamFailure | None]) -> tuple[object, ...]:
    sink, failure = result
    return (
        sink.text_so_far,
        sink.reasoning_so_far,
        sink.finish_reason,
        sink.last_usage,
        failure and (failure.code, failure.detail),
    )


def test_who_answers_is_told_once_the_first_chunk_says_so() -> None:
    sample = next(sample for sample in STREAMS if sample.name == "canonical-slug")
    sink, _ = fold(sample.data)
    assert (sink.answer_id, sink.model) == (sample.id, sample.model)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
STRANGE_CHUNKS = st.fixed_dictionaries(
    {},
    optional={
        "id": ANYTHING,
        "model": ANYTHING,
        "choices": ANYTHING | st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "delta": ANYTHING | st.fixed_dictionaries(
                        {}, optional={"content": ANYTHING, "reasoning": ANYTHING, "tool_calls": ANYTHING}
                    ),
                    "finish_reason": ANYTHING,
                    "error": ANYTHING,
                },
            ),
            max_size=2,
        ),
        "usage": ANYTHING | st.fixed_dictionaries(
            {}, optional={"cost": ANYTHING, "total_tokens": ANYTHING, "prompt_tokens": ANYTHING}
        ),
        "error": ANYTHING,
    },
)  # fmt: skip


@given(st.lists(STRANGE_CHUNKS, max_size=5), st.integers(min_value=1, max_value=40))
def test_whatever_chunks_hold_they_break_nothing_and_cost_nothing_impossible(chunks: list[object], size: int) -> None:
    data = b"".join(b"data: %b\n\n" % json.dumps(chunk).encode() for chunk in chunks)
    sink, failure = fold(*(data[start : start + size] for start in range(0, len(data), size)))
    whole, same = fold(data)
    assert (sink.text_so_far, sink.reasoning_so_far, sink.usages) == (
        whole.text_so_far,
        whole.reasoning_so_far,
        whole.usages,
    )
    assert (failure is None) == (same is None)
    for usage in sink.usages:
        assert usage.total_tokens >= 0
        assert usage.cost_usd is None or (usage.cost_usd.is_finite() and 0 <= usage.cost_usd < 1000)
