"""Our YooKassa client: what it sends, and what it makes of every kind of answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from structlog.testing import capture_logs

from ai_chat.features.billing.ports import (
    BindingTerms,
    CredentialsRejected,
    KeyReused,
    MethodGone,
    NotKnown,
    OutcomeUnknown,
    PaymentRefused,
    PaymentTerms,
    ProviderProblem,
    ReceiptRejected,
    RecurringForbidden,
    RefundTerms,
    TooManyRequests,
)
from ai_chat.integrations.yookassa.calls import Account, Calls
from ai_chat.integrations.yookassa.provider import YooKassa
from ai_chat.kernel.money import Kopecks

SECRET = "live_verySecret"
PAYMENT: dict[str, Any] = {
    "id": "30f5d918-000f-5001-9000-14efbe8f8527",
    "status": "succeeded",
    "amount": {"value": "990.00", "currency": "RUB"},
    "income_amount": {"value": "947.73", "currency": "RUB"},
    "recipient": {"account_id": "1239880", "gateway_id": "2617846"},
    "payment_method": {"type": "bank_card", "id": "30f5d918-x", "saved": True, "status": "active", "title": "*4477"},
    "captured_at": "2026-01-11T15:44:35.557Z",
    "created_at": "2026-01-11T15:44:24.482Z",
    "test": True,
    "refunded_amount": {"value": "0.00", "currency": "RUB"},
    "paid": True,
    "refundable": True,
    "metadata": {"order_id": "order-1"},
}
REFUND = {
    "id": "refund-1",
    "payment_id": PAYMENT["id"],
    "status": "succeeded",
    "amount": {"value": "10.50", "currency": "RUB"},
    "created_at": "2026-01-11T16:00:00.000Z",
}
TERMS = PaymentTerms("order-1", Kopecks(99_000), "Premium", return_url="https://chat.example/back")


class Provider:
    """A server whose next answers a test decides, and the client that asks it."""

    client: YooKassa
    hurried: YooKassa

    def __init__(self) -> None:
        self.answers: list[web.Response | None] = []
        self.requests: list[tuple[web.Request, str]] = []

    def says(self, content: object, status: int = 200, **headers: str) -> None:
        body = content if isinstance(content, str) else json.dumps(content)
        self.answers.append(web.Response(status=status, text=body, headers=headers))

    def refuses(self, status: int, code: str, description: str, **more: object) -> None:
        self.says({"type": "error", "id": "e-1", "code": code, "description": description, **more}, status)

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((request, await request.text()))
        answer = self.answers.pop(0)
        if answer is None:
            await asyncio.Event().wait()
        assert answer is not None
        return answer


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider, app = Provider(), web.Application()
    app.router.add_route("*", "/v3/{tail:.*}", provider.answer)
    async with TestServer(app, handler_cancellation=True) as server, aiohttp.ClientSession() as session:
        account = Account(str(server.make_url("/v3")), "1239880", SecretStr(SECRET))
        provider.client = YooKassa(Calls(session, account))
        provider.hurried = YooKassa(Calls(session, account, seconds=0.05))
        yield provider


async def problem_with(provider: Provider) -> ProviderProblem:
    with pytest.raises(ProviderProblem) as problem:
        await provider.client.pay("key-1", "{}")
    return problem.value


async def test_a_payment_is_opened_with_the_key_and_the_very_text_that_were_kept(provider: Provider) -> None:
    text = provider.client.compose_payment(TERMS)
    provider.says({**PAYMENT, "status": "pending", "paid": False})
    await provider.client.pay("key-1", text)
    request, sent = provider.requests[0]
    assert (request.method, request.path, sent) == ("POST", "/v3/payments", text)
    assert request.headers["Idempotence-Key"] == "key-1"
    assert request.headers["Authorization"] == aiohttp.encode_basic_auth("1239880", SECRET)


async def test_a_payment_is_read_as_it_is(provider: Provider) -> None:
    provider.says(PAYMENT)
    payment = await provider.client.payment(PAYMENT["id"])
    assert (payment.state, payment.amount, payment.net, payment.refunded) == ("succeeded", 99_000, 94_773, 0)
    assert (payment.shop_id, payment.reference, payment.test, payment.paid) == ("1239880", "order-1", True, True)
    assert payment.captured_at == datetime(2026, 1, 11, 15, 44, 35, 557000, UTC)
    assert payment.method is not None
    assert payment.method.reusable


@pytest.mark.parametrize("method", [{"saved": False}, {"saved": True, "status": "inactive"}, {"saved": "true"}, {}])
async def test_only_what_is_marked_as_saved_can_be_charged_again(provider: Provider, method: dict[str, Any]) -> None:
    provider.says({**PAYMENT, "payment_method": {"id": "pm-1", "type": "sbp", **method}})
    payment = await provider.client.payment("p-1")
    assert payment.method is not None
    assert not payment.method.reusable


async def test_unknown_words_fields_and_types_do_not_keep_us_from_reading(provider: Provider) -> None:
    odd = {"payment_method": {"type": "moon_pay", "id": "m", "card": 7}, "metadata": ["?"], "new": {"deep": [1]}}
    provider.says({**PAYMENT, **odd, "income_amount": None, "confirmation": "soon", "expires_at": "tomorrow"})
    payment = await provider.client.payment("p-1")
    assert payment.method is not None
    assert (payment.method.type, payment.net, payment.reference, payment.expires_at) == ("moon_pay", None, None, None)
    provider.says({**PAYMENT, "status": "frozen", "cancellation_details": {"party": "x", "reason": "brand_new"}})
    payment = await provider.client.payment("p-1")
    assert (payment.state, payment.raw_state, payment.reason) == ("pending", "frozen", "brand_new")


@pytest.mark.parametrize("value", ["990.005", "-1.00", "NaN", "1e99999999", "", None, True, "9" * 30, [1]])
async def test_an_amount_that_is_none_is_never_guessed(provider: Provider, value: object) -> None:
    provider.says({**PAYMENT, "amount": {"value": value, "currency": "RUB"}})
    with pytest.raises(OutcomeUnknown):
        await provider.client.payment("p-1")


async def test_an_address_that_is_no_web_page_is_not_passed_on(provider: Provider) -> None:
    provider.says({**PAYMENT, "confirmation": {"confirmation_url": "javascript:alert(1)"}})
    assert (await provider.client.payment("p-1")).confirmation_url is None


@pytest.mark.parametrize(
    ("status", "code", "description", "parameter", "kind"),
    [
        (400, "invalid_request", "Payment method is not available", None, PaymentRefused),
        (400, "invalid_request", "Idempotence key duplicated", "Idempotence-Key", KeyReused),
        (400, "invalid_request", "Receipt is missing or illegal", "receipt", ReceiptRejected),
        (400, "invalid_request", "This payment_method_id doesn't exist. Specify …", "payment_method_id", MethodGone),
        (403, "forbidden", "This store can't make recurring payments. Contact …", None, RecurringForbidden),
        (403, "forbidden", "No", None, PaymentRefused),
        (404, "not_found", "Payment doesn't exist", "payment_id", NotKnown),
        (401, "invalid_credentials", "Basic authentication failed", None, CredentialsRejected),
    ],
)
async def test_a_refusal_says_what_was_refused(
    provider: Provider, status: int, code: str, description: str, parameter: str | None, kind: type[ProviderProblem]
) -> None:
    provider.refuses(status, code, description, parameter=parameter)
    problem = await problem_with(provider)
    assert type(problem) is kind
    if isinstance(problem, PaymentRefused):
        assert (problem.code, problem.description, problem.parameter) == (code, description, parameter)


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 407, 500, 502, 503, 504])
async def test_a_page_of_html_says_nothing_about_the_money(provider: Provider, status: int) -> None:
    provider.says("<html>Bad gateway</html>", status)
    assert type(await problem_with(provider)) is OutcomeUnknown


@pytest.mark.parametrize("body", ["", "{}", "[]", "<html>", '{"id":"1","status":"pending"}', "[" * 100_000])
async def test_a_good_status_with_a_bad_body_says_nothing_either(provider: Provider, body: str) -> None:
    provider.says(body)
    assert type(await problem_with(provider)) is OutcomeUnknown


async def test_the_time_to_wait_is_told(provider: Provider) -> None:
    provider.refuses(429, "too_many_requests", "Slow down", retry_after=1800)
    limited = await problem_with(provider)
    assert (type(limited), limited.retry_after) == (TooManyRequests, timedelta(milliseconds=1800))
    provider.says({"type": "processing", "retry_after": 500}, 202)
    accepted = await problem_with(provider)
    assert (type(accepted), accepted.retry_after) == (OutcomeUnknown, timedelta(milliseconds=500))
    provider.says("", 429, **{"Retry-After": "9" * 40})
    assert (await problem_with(provider)).retry_after == timedelta(hours=1)


async def test_no_answer_in_time_is_an_unknown_outcome(provider: Provider) -> None:
    provider.answers.append(None)
    with pytest.raises(OutcomeUnknown, match="no answer within"):
        await provider.hurried.pay("key-1", "{}")


async def test_nobody_listening_is_an_unknown_outcome(unused_tcp_port: int) -> None:
    async with aiohttp.ClientSession() as session:
        account = Account(f"http://127.0.0.1:{unused_tcp_port}/v3", "1", SecretStr(SECRET))
        with pytest.raises(OutcomeUnknown) as problem:
            await YooKassa(Calls(session, account)).pay("key-1", "{}")
    assert "ClientConnectorError" in str(problem.value)


async def test_secrets_and_requests_stay_out_of_the_log_and_out_of_errors(provider: Provider) -> None:
    provider.refuses(500, "internal_server_error", "Oops")
    with capture_logs() as logs, pytest.raises(OutcomeUnknown) as problem:
        await provider.client.pay("key-1", '{"receipt":"someone@example.com"}')
    told = repr(logs) + repr(problem.value)
    assert "Oops" in told
    assert all(secret not in told for secret in (SECRET, "someone@", aiohttp.encode_basic_auth("1239880", SECRET)))


@pytest.mark.parametrize("invented", ["", "../me", "a/b", "x" * 65, "id?x=1", "й"])
async def test_an_invented_id_is_not_even_asked_for(provider: Provider, invented: str) -> None:
    for look in (provider.client.payment, provider.client.refund, provider.client.binding):
        with pytest.raises(NotKnown):
            await look(invented)
    assert provider.requests == []


async def test_lists_are_read_to_their_end_and_a_bad_item_hides_no_other(provider: Provider) -> None:
    provider.says({"type": "list", "items": [PAYMENT, {"id": "?"}], "next_cursor": "c-2"})
    provider.says({"type": "list", "items": [{**PAYMENT, "id": "older"}]})
    payments = await provider.client.payments_since(datetime(2026, 1, 11, tzinfo=UTC))
    assert [payment.id for payment in payments] == [PAYMENT["id"], "older"]
    queries = [dict(request.query) for request, _ in provider.requests]
    assert queries[0] == {"created_at.gte": "2026-01-11T00:00:00.000Z", "limit": "100"}
    assert queries[1]["cursor"] == "c-2"


async def test_a_refund_is_asked_for_and_read(provider: Provider) -> None:
    text = provider.client.compose_refund(RefundTerms("r-1", "p-1", Kopecks(1050), "double payment"))
    provider.says(REFUND)
    refund = await provider.client.give_back("key-2", text)
    assert (refund.state, refund.amount, refund.payment_id) == ("succeeded", 1050, PAYMENT["id"])
    assert json.loads(provider.requests[0][1])["amount"]["value"] == "10.50"


async def test_a_card_is_saved_without_a_payment(provider: Provider) -> None:
    text = provider.client.compose_binding(BindingTerms("b-1", "https://chat.example/back"))
    where = {"type": "redirect", "confirmation_url": "https://yoomoney.ru/x"}
    provider.says({"id": "pm-1", "type": "bank_card", "saved": False, "status": "pending", "confirmation": where})
    opened = await provider.client.bind("key-3", text)
    assert (opened.state, opened.confirmation_url) == ("pending", "https://yoomoney.ru/x")
    provider.says({"id": "pm-1", "type": "bank_card", "saved": True, "status": "active", "title": "*4477"})
    assert (await provider.client.binding("pm-1")).method.reusable


async def test_the_shop_says_who_it_is(provider: Provider) -> None:
    provider.says({"account_id": "1239880", "status": "enabled", "test": True, "fiscalization": {"enabled": True}})
    shop = await provider.client.shop()
    assert (shop.id, shop.test, shop.enabled, shop.fiscal) == ("1239880", True, True, True)
