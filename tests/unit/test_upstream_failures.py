"""What went wrong upstream becomes one of few codes: plain to the person, precise to the operator."""

import msgspec
import pytest

from ai_chat.integrations.chat_completions.failures import failure_of_error, failure_of_status
from ai_chat.kernel.errors import ErrorCode
from tests.wire.samples import Sample, load

JSON_BODIES = [sample for sample in load() if sample.status != 200]


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (400, "UPSTREAM_REFUSED", False),
        (401, "UPSTREAM_UNAVAILABLE", False),
        (402, "UPSTREAM_UNAVAILABLE", False),
        (403, "UPSTREAM_REFUSED", False),
        (404, "UPSTREAM_UNAVAILABLE", False),
        (408, "UPSTREAM_TIMEOUT", True),
        (413, "UPSTREAM_CONTEXT_TOO_LONG", False),
        (422, "UPSTREAM_REFUSED", False),
        (429, "UPSTREAM_RATE_LIMITED", True),
        (500, "UPSTREAM_ERROR", True),
        (502, "UPSTREAM_ERROR", True),
        (503, "UPSTREAM_RATE_LIMITED", True),
        (504, "UPSTREAM_TIMEOUT", True),
        (524, "UPSTREAM_TIMEOUT", True),
        (529, "UPSTREAM_RATE_LIMITED", True),
        (599, "UPSTREAM_ERROR", True),
        (418, "UPSTREAM_ERROR", False),
        (302, "UPSTREAM_ERROR", False),
        (204, "UPSTREAM_ERROR", False),
    ],
)
def test_a_status_has_its_code(status: int, code: str, retryable: bool) -> None:
    failure = failure_of_status(status, b'{"error":{"message":"x"}}')
    assert (failure.code.value, failure.retryable) == (code, retryable)


@pytest.mark.parametrize("sample", JSON_BODIES, ids=lambda sample: sample.name)
def test_a_recorded_body_is_kept_for_the_operator_and_never_shown_to_the_person(sample: Sample) -> None:
    failure = failure_of_status(sample.status, sample.data)
    assert failure.detail.startswith(f"HTTP {sample.status}")
    assert len(failure.detail) < 1000
    assert "\n" not in failure.detail
    if sample.error and sample.error.message:
        assert sample.error.message.replace('"', '\\"') in failure.detail
    assert failure.message == failure.code.sentence


@pytest.mark.parametrize("name", ["http-401", "http-402-tokens", "http-402-prompt"])
def test_the_operators_key_and_money_are_not_the_persons_business(name: str) -> None:
    sample = next(sample for sample in JSON_BODIES if sample.name == name)
    failure = failure_of_status(sample.status, sample.data)
    assert failure.code is ErrorCode.UPSTREAM_UNAVAILABLE
    assert "credit" not in failure.message.lower()
    assert "key" not in failure.message.lower()


@pytest.mark.parametrize(
    "message",
    [
        "This endpoint's maximum context length is 8192 tokens",
        "context_length_exceeded",
        "the request exceeds the available context size: exceed_context_size_error",
        "Your input is too long",
        "Token limit reached",
    ],
)
def test_a_prompt_that_is_too_long_is_recognised_by_its_words(message: str) -> None:
    body = msgspec.json.encode({"error": {"code": 400, "message": message}})
    assert failure_of_status(400, body).code is ErrorCode.UPSTREAM_CONTEXT_TOO_LONG
    in_stream = msgspec.Raw(msgspec.json.encode({"code": 400, "message": message}))
    assert failure_of_error(in_stream).code is ErrorCode.UPSTREAM_CONTEXT_TOO_LONG


def test_the_same_words_beside_another_status_mean_something_else() -> None:
    assert failure_of_status(500, b"the wait was too long").code is ErrorCode.UPSTREAM_ERROR


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (b'{"code":429,"message":"x"}', "UPSTREAM_RATE_LIMITED", True),
        (b'{"code":"429","message":"x"}', "UPSTREAM_RATE_LIMITED", True),
        (b'{"code":502}', "UPSTREAM_ERROR", True),
        (b'{"code":"server_error"}', "UPSTREAM_ERROR", True),
        (b'{"code":null}', "UPSTREAM_ERROR", True),
        (b'{"code":[1]}', "UPSTREAM_ERROR", True),
        (b'{"code":{}}', "UPSTREAM_ERROR", True),
        (b'{"code":1e999}', "UPSTREAM_ERROR", True),
        (b'{"code":503.0}', "UPSTREAM_RATE_LIMITED", True),
        (b'{"message":"x"}', "UPSTREAM_ERROR", True),
        (b'"overloaded"', "UPSTREAM_ERROR", True),
        (b"[1,2]", "UPSTREAM_ERROR", True),
        (b"true", "UPSTREAM_ERROR", True),
        (b"500", "UPSTREAM_ERROR", True),
    ],
)
def test_an_error_inside_a_stream_has_its_code_whatever_its_shape(error: bytes, code: str, retryable: bool) -> None:
    failure = failure_of_error(msgspec.Raw(error))
    assert (failure.code.value, failure.retryable) == (code, retryable)


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"<html>\n<h1>502</h1>\n</html>", b"[]", b"null", b"5", b"[" * 60_000]
)
def test_a_body_that_is_no_json_object_is_no_trouble(body: bytes) -> None:
    failure = failure_of_status(502, body)
    assert failure.code is ErrorCode.UPSTREAM_ERROR
    assert len(failure.detail) < 1000


def test_a_huge_error_in_a_stream_is_cut_for_the_log() -> None:
    assert len(failure_of_error(msgspec.Raw(b'{"message":"' + b"x" * 1_000_000 + b'"}')).detail) < 1000


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("http-401", "bad_key"),
        ("http-402-tokens", "no_credit"),
        ("http-402-prompt", "no_credit"),
        ("http-403-moderation", "moderated"),
        ("http-404-codeless", "gone"),
        ("http-404-recorded", "gone"),
        ("http-429-daily", "free_cap"),
        ("http-429-upstream", "rate_limited"),
        ("http-500-empty", "server"),
        ("http-502-html", "server"),
    ],
)
def test_a_recorded_body_has_its_kind(name: str, kind: str) -> None:
    sample = next(sample for sample in JSON_BODIES if sample.name == name)
    assert failure_of_status(sample.status, sample.data, sample.headers).kind == kind


def test_the_free_allowance_says_when_it_opens_and_is_not_retried() -> None:
    sample = next(sample for sample in JSON_BODIES if sample.name == "http-429-daily")
    failure = failure_of_status(429, sample.data, {"X-RateLimit-Reset": "1787270400000"})
    assert (failure.resets_at, failure.retryable) == (1787270400, False)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3), ("0.5", 0.5), ("nonsense", None), ("-1", None), ("Mon, 01 Jan 2001 00:00:00 GMT", 0)],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert failure_of_status(429, b"{}", {"Retry-After": header}).retry_after == seconds


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"code": 400, "message": "x", "availability": {"code": "model_not_found"}}, "gone"),
        (400, {"code": 400, "message": "acme/x is not a valid model ID"}, "gone"),
        (404, {"error_type": "not_found", "http_status": 404, "message": "x"}, "gone"),
        (503, {"error_type": "provider_overloaded", "http_status": 503, "message": "x"}, "overloaded"),
        (403, {"code": 403, "message": "x", "metadata": {"patterns": ["e-mail"]}}, "refused"),
    ],
)
def test_newer_shapes_are_understood(status: int, error: dict[str, object], kind: str) -> None:
    assert failure_of_status(status, msgspec.json.encode({"error": error})).kind == kind


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("rate_limit_exceeded", "rate_limited"),
        ("provider_overloaded", "overloaded"),
        ("payment_required", "no_credit"),
        ("content_policy_violation", "refused"),
        ("server_error", "server"),
        ("never heard of", "server"),
    ],
)
def test_a_named_code_inside_a_stream_has_its_kind(word: str, kind: str) -> None:
    assert failure_of_error(msgspec.Raw(msgspec.json.encode({"code": word, "message": "x"}))).kind == kind
