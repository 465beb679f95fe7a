"""The log is readable by people and machines, and holds no secret."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from ai_chat.kernel.logging import configure_logging

CapturedOutput = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def lines_of(captured: CapturedOutput) -> list[dict[str, Any]]:
    return [json.loads(line) for line in captured.readouterr().err.splitlines()]


def crash() -> None:
    password = "hunter2-in-a-local-variable"
    raise RuntimeError(f"crashed after {len(password)} letters")


def test_production_logs_one_json_object_a_line(capsys: CapturedOutput) -> None:
    configure_logging(level="info", json_lines=True)
    structlog.get_logger().info("Привет", chat="42")
    (line,) = lines_of(capsys)
    assert (line["event"], line["chat"], line["level"]) == ("Привет", "42", "info")
    assert line["timestamp"].endswith("Z")


def test_the_standard_librarys_loggers_come_out_the_same_way(capsys: CapturedOutput) -> None:
    configure_logging(level="info", json_lines=True)
    logging.getLogger("uvicorn.error").warning("from %s", "uvicorn")
    (line,) = lines_of(capsys)
    assert (line["event"], line["level"]) == ("from uvicorn", "warning")


@pytest.mark.parametrize("json_lines", [True, False])
@pytest.mark.parametrize(
    "key", ["password", "new_password", "Authorization", "refresh_token", "jwt_secret", "api_key", "cookie"]
)
def test_values_of_secret_looking_keys_are_masked(key: str, json_lines: bool, capsys: CapturedOutput) -> None:
    configure_logging(level="info", json_lines=json_lines)
    structlog.get_logger().info("event", **{key: "hunter2"})
    shown = capsys.readouterr().err
    assert "hunter2" not in shown
    assert "***" in shown


def test_counts_of_tokens_are_not_secrets(capsys: CapturedOutput) -> None:
    configure_logging(level="info", json_lines=True)
    structlog.get_logger().info("event", tokens_used=7, max_tokens=9)
    (line,) = lines_of(capsys)
    assert (line["tokens_used"], line["max_tokens"]) == (7, 9)


@pytest.mark.parametrize("json_lines", [True, False])
@pytest.mark.parametrize("logger", ["structlog", "standard library"])
def test_a_traceback_names_the_error_and_no_local_variable(
    logger: str, json_lines: bool, capsys: CapturedOutput
) -> None:
    configure_logging(level="info", json_lines=json_lines)
    try:
        crash()
    except RuntimeError:
        if logger == "structlog":
            structlog.get_logger().exception("it crashed")
        else:
            logging.getLogger("somewhere").exception("it crashed")
    shown = capsys.readouterr().err
    assert "it crashed" in shown
    assert "RuntimeError" in shown
    assert "crashed after 27 letters" in shown
    assert "hunter2-in-a-local" not in shown.replace('password = "hunter2-in-a-local-variable"', "")


def test_a_traceback_in_json_stays_one_line(capsys: CapturedOutput) -> None:
    configure_logging(level="info", json_lines=True)
    try:
        crash()
    except RuntimeError:
        structlog.get_logger().exception("it crashed")
    (line,) = lines_of(capsys)
    assert line["exception"][0]["exc_type"] == "RuntimeError"
    assert not any(frame.get("locals") for frame in line["exception"][0]["frames"])


def test_below_the_level_nothing_is_logged(capsys: CapturedOutput) -> None:
    configure_logging(level="warning", json_lines=True)
    structlog.get_logger().info("quiet")
    logging.getLogger("aiosqlite").info("quiet")
    assert capsys.readouterr().err == ""


def test_what_is_bound_to_a_request_stands_on_its_lines(capsys: CapturedOutput) -> None:
    configure_logging(level="info", json_lines=True)
    with structlog.contextvars.bound_contextvars(request_id="abc12345"):
        structlog.get_logger().info("event")
    (line,) = lines_of(capsys)
    assert line["request_id"] == "abc12345"
