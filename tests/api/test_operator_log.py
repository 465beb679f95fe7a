"""What an operator finds in the log about an answer that failed: which request, which answer, which model, and what the provider
has really said. The person who asked reads none of that.
"""

import json
from typing import Any

import pytest

from tests.api.helpers import captured_logs, eventually
from tests.product import MODEL, Api, Product, read_stream

Case = tuple[str, str | None, str]
PASSING: list[Case] = [
    ("http400", "UPSTREAM_REFUSED", "HTTP 400"),
    ("http403;kind=moderation", "UPSTREAM_MODERATED", "HTTP 403"),
    ("http404", "UPSTREAM_UNAVAILABLE", "HTTP 404"),
    ("http413", "UPSTREAM_CONTEXT_TOO_LONG", "HTTP 413"),
    ("error_int;after=3", None, "error in the stream"),
    ("error_string;after=3", None, "server_error"),
    ("error_bare;after=3", None, "error in the stream"),
    ("reset;after=3", "UPSTREAM_DISCONNECTED", "the connection was closed in the middle of an answer"),
    ("truncate;after=3", "UPSTREAM_DISCONNECTED", "the connection was closed in the middle of an answer"),
    ("eof;after=3", "UPSTREAM_DISCONNECTED", "without finish_reason and [DONE]"),
]

SHUTTING: list[Case] = [
    ("http401", "UPSTREAM_UNAVAILABLE", "HTTP 401"),
    ("http402", "UPSTREAM_UNAVAILABLE", "HTTP 402"),
    ("http429;kind=daily", "UPSTREAM_RATE_LIMITED", "free-models-per-day"),
]
"""After these the provider's models are not asked for a while."""


@pytest.mark.parametrize("cases", [PASSING, *([case] for case in SHUTTING)], ids=lambda cases: str(cases[-1][0]))
async def test_a_failure_of_the_provider_is_told_precisely(product: Product, cases: list[Case]) -> None:
    user = await product.user()
    chat = await user.new_chat()
    for case in cases:
        await check(product, user, chat, *case)


async def check(product: Product, user: Api, chat: str, fault: str, code: str | None, detail: str) -> None:
    product.emulator.admin.fault(f"fault={fault}")
    with captured_logs() as written:
        path, headers = f"{user.url}/api/chat/{chat}/message", user.headers({"X-Request-Id": "request-7"})
        async with user.session.post(path, json={"content": "Hello"}, headers=headers) as response:
            stream = await read_stream(response)

        async def ended() -> bool:
            return "answer ended" in written.getvalue()

        await eventually(ended)
    [failed], [end] = lines(written.getvalue(), "upstream failed"), lines(written.getvalue(), "answer ended")
    assert detail in failed["detail"]
    for line in (failed, end):
        assert line["request_id"] == "request-7"
        assert line["user"] == user.user["id"]
        assert line["generation"] == stream.start["generationId"]
    assert (failed["level"], failed["model"], end["status"]) == ("warning", MODEL, "failed")
    assert end["code"] == failed["code"] == stream.last["error"]["code"]
    if code is not None:
        assert end["code"] == code
    if stream.text:
        assert end["answer"] == product.emulator.admin.generations()[-1].id
    assert failed["detail"] not in stream.last["error"]["message"]


async def test_attempts_that_nobody_notices_are_in_the_log_with_the_answer_that_they_were_for(product: Product) -> None:
    user = await product.user()
    product.emulator.admin.fault("http502")
    with captured_logs() as written:
        stream = await user.send(await user.new_chat(), "Hello")
    assert stream.last["type"] == "done"
    [again] = lines(written.getvalue(), "upstream failed, asking again")
    assert again["generation"] == stream.start["generationId"]
    assert (again["kind"], again["models"]) == ("server", [MODEL])
    assert "HTTP 502" in again["detail"]
    assert again["request_id"]


def lines(log: str, event: str) -> list[dict[str, Any]]:
    return [line for text in log.splitlines() if (line := json.loads(text))["event"] == event]
