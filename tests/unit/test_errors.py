"""Every error has a code, a status and a sentence for a person; limits say when they open again."""

from datetime import UTC, datetime, timedelta

import pytest

from ai_chat.http.errors import failure_body, invalid_input
from ai_chat.kernel.errors import AppError, ErrorCode, FieldProblem, InvalidInput, LimitReached

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_code_has_a_failing_status_and_a_sentence(code: ErrorCode) -> None:
    assert code.value == code.name
    assert 400 <= code.status < 600
    assert code.status != 422
    assert code.sentence.endswith(".")
    assert code.sentence[0].isupper()


def test_the_plans_codes_have_the_statuses_the_contract_names() -> None:
    statuses = {
        "USER_EXISTS": 400, "VALIDATION_ERROR": 400, "INVALID_CREDENTIALS": 401, "UNAUTHORIZED": 401,
        "USER_NOT_FOUND": 404, "MODEL_NOT_FOUND": 404, "MODEL_NOT_IN_PLAN": 403, "CHAT_LIMIT_REACHED": 429,
        "CHAT_NOT_FOUND": 404, "MESSAGE_TOO_LONG": 400, "MODEL_UNAVAILABLE": 503, "GENERATION_IN_PROGRESS": 409,
        "MESSAGE_LIMIT_REACHED": 429,
    }  # fmt: skip
    assert {name: ErrorCode[name].status for name in statuses} == statuses


def test_an_error_says_its_codes_sentence_unless_it_has_a_better_one() -> None:
    assert AppError(ErrorCode.FORBIDDEN).message == ErrorCode.FORBIDDEN.sentence
    assert AppError(ErrorCode.FORBIDDEN, "This account is blocked.").message == "This account is blocked."


def test_the_envelope_of_a_failure_is_the_plans() -> None:
    assert failure_body(AppError(ErrorCode.CHAT_NOT_FOUND)) == {
        "success": False,
        "error": {"code": "CHAT_NOT_FOUND", "message": "There is no such chat."},
    }


def test_invalid_input_names_its_fields_and_leads_with_the_first() -> None:
    error = InvalidInput(FieldProblem("email", "is missing"), FieldProblem("password", "is too short"))
    assert error.message == "email: is missing"
    assert error.details()["fields"] == [
        {"field": "email", "message": "is missing"},
        {"field": "password", "message": "is too short"},
    ]


def test_invalid_input_without_a_field_still_has_a_sentence() -> None:
    assert InvalidInput().message == ErrorCode.VALIDATION_ERROR.sentence


@pytest.mark.parametrize(("left", "seconds"), [(0.2, 1), (1.0, 1), (1.1, 2), (3600.0, 3600), (-5.0, 1), (0.0, 1)])
def test_retry_after_is_rounded_up_and_never_zero(left: float, seconds: int) -> None:
    error = LimitReached(
        ErrorCode.MESSAGE_LIMIT_REACHED, limit=50, used=50, resets_at=NOW + timedelta(seconds=left), now=NOW
    )
    assert error.retry_after == seconds


def test_a_limit_says_how_much_is_used_and_when_it_opens() -> None:
    error = LimitReached(ErrorCode.CHAT_LIMIT_REACHED, limit=10, used=10, resets_at=NOW, now=NOW)
    body = failure_body(error)["error"]
    assert body == {
        "code": "CHAT_LIMIT_REACHED",
        "message": ErrorCode.CHAT_LIMIT_REACHED.sentence,
        "limit": 10,
        "used": 10,
        "resetsAt": "2026-07-01T12:00:00.000Z",
    }


def test_what_was_sent_is_never_repeated_in_a_validation_error() -> None:
    error = invalid_input(
        [{"type": "string_type", "loc": ("body", "password"), "msg": "Input should be a string", "input": "hunter2"}]
    )
    assert "hunter2" not in str(failure_body(error))
    assert error.problems == (FieldProblem("password", "Input should be a string"),)


def test_a_thousand_wrong_fields_do_not_make_a_huge_answer() -> None:
    errors: list[dict[str, object]] = [
        {"type": "extra", "loc": ("body", "x" * 10_000, number), "msg": "m" * 10_000} for number in range(1000)
    ]
    assert len(str(failure_body(invalid_input(errors)))) < 20_000
