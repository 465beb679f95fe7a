"""Random requests made from our own OpenAPI schema, valid and invalid, signed in and not: no 5xx, every failure in the envelope.

The same requests in every run. The product runs in this process; the requests are made on a thread beside it.
"""

import asyncio
import warnings
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import HypothesisWarning, Unsatisfiable
from schemathesis import Case, GenerationMode

from ai_chat.kernel.errors import ErrorCode
from tests.api.routes import Route, all_routes, openapi
from tests.buying import open_till
from tests.product import Product

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

EXAMPLES = 4
"""Of each kind: valid or not, signed in or not."""
SECONDS = 10
"""Longer than any answer of the emulator takes: a stream that hangs is a failure."""
ENDING = [route for route in all_routes() if str(route) != "GET /api/events"]
"""The live channel has no end to wait for; tests/api/test_live_events.py asks it."""
SCHEMA = schemathesis.openapi.from_dict(deepcopy(openapi()))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with open_till(tmp_path_factory.mktemp("data"), auth_throttle="off") as till:
        yield till.product


@dataclass
class Shot:
    """What one request was and what came back."""

    url: str
    token: str | None
    chat: str | None
    key: str | None
    """What /v1 takes instead of the token."""

    def fire(self, case: Case[Any]) -> None:
        if self.chat is not None and "chat_id" in case.path_parameters:
            case.path_parameters["chat_id"] = self.chat
        token = self.key if case.operation.path.startswith("/v1/") else self.token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        case.headers.pop("Authorization", None)
        try:
            response = case.call(base_url=self.url, headers=headers, timeout=SECONDS)
        except (requests.exceptions.InvalidHeader, UnicodeEncodeError, requests.exceptions.InvalidURL):
            return  # the client itself cannot send this
        check(response, case)


def check(response: Any, case: Case[Any]) -> None:
    shown = response.content.decode("utf-8", "replace")
    status, told = response.status_code, f"{case.as_curl_command()}\n{response.status_code} {shown[:500]}"
    assert status < 500, told
    assert status != 422, told
    assert "Traceback" not in shown, told
    kind = response.headers["content-type"][0] if status != 204 else ""
    a_file = "content-disposition" in response.headers
    if status >= 400:
        assert kind.startswith("application/json"), told
        body = response.json()
        if case.operation.path.startswith("/v1/"):
            assert set(body) == {"error"}, told
        else:
            assert body["success"] is False, told
            assert body["error"]["code"] in list(ErrorCode), told
        assert body["error"]["message"], told
    elif (
        status == 200 and case.operation.path.startswith("/api/") and kind.startswith("application/json") and not a_file
    ):
        assert response.json()["success"] is True, told


def bombard(route: Route, mode: GenerationMode, shot: Shot) -> None:
    operation = SCHEMA[route.path][route.method]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def fire(case: Case[Any]) -> None:
        shot.fire(case)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)
        try:
            fire()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, f"{route} has no valid request"


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("route", ENDING, ids=str)
async def test_no_request_breaks_the_product(product: Product, route: Route, mode: GenerationMode) -> None:
    user = await product.user("premium")
    own = await user.new_chat()
    await user.send(own, "Hello")
    key = (await user.post("/api/keys", {"name": "Fuzz"})).data["key"]
    for token, chat in ((user.token, own), (user.token, None), (None, None)):
        await asyncio.to_thread(bombard, route, mode, Shot(product.url, token, chat, key if token else None))
    assert (await product.anonymous.get("/health")).status == 200
    assert len(product.relay) == 0
