"""Serves the payment page. After a payment the person goes back to the shop's address with nothing added to it."""

from __future__ import annotations

from aiohttp import web

from ai_chat.emulators.yookassa import pages
from ai_chat.emulators.yookassa.page_texts import reason_text
from ai_chat.emulators.yookassa.paying import CardForm, Mistyped, bind_card, needs_code, pay_by_card, pay_by_wallet
from ai_chat.emulators.yookassa.payments import Method, Payment
from ai_chat.emulators.yookassa.world import World

_CARD_FIELDS = ("orderId", "method", "number", "expiry", "csc", "save")


def add_checkout_routes(app: web.Application, world: World) -> None:
    checkout = Checkout(world)
    app.router.add_get("/checkout/payments/v2/contract", checkout.show)
    app.router.add_post("/checkout/pay", checkout.pay)
    app.router.add_post("/checkout/3ds", checkout.confirm_code)
    app.router.add_get("/checkout/bind", checkout.show_binding)
    app.router.add_post("/checkout/bind", checkout.bind)


class Checkout:
    """Everything a person can do with a browser."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def show(self, request: web.Request) -> web.Response:
        payment = self._payment(request.query.get("orderId", ""))
        return _html(pages.payment_page(payment) if payment.status == "pending" else pages.result_page(payment))

    async def pay(self, request: web.Request) -> web.Response:
        form = await _form(request)
        payment = self._payment(form.get("orderId", ""))
        before = payment.attempts
        try:
            if form.get("method") == "bank_card":
                card = _card(form)
                if needs_code(self._world, card):
                    return _html(pages.code_page("/checkout/3ds", {name: form.get(name, "") for name in _CARD_FIELDS}))
                pay_by_card(self._world, payment, card)
            else:
                self._pay_by_wallet(payment, form)
        except Mistyped as error:
            return self._again(payment, str(error))
        return await self._after(payment, before)

    async def confirm_code(self, request: web.Request) -> web.Response:
        form = await _form(request)
        payment = self._payment(form.get("orderId", ""))
        before = payment.attempts
        given = form.get("answer") == "confirm" and bool(form.get("code", "").strip())
        try:
            pay_by_card(self._world, payment, _card(form), code_given=given)
        except Mistyped as error:
            return self._again(payment, str(error))
        return await self._after(payment, before)

    async def show_binding(self, request: web.Request) -> web.Response:
        return _html(pages.binding_page(self._method(request.query.get("methodId", ""))))

    async def bind(self, request: web.Request) -> web.Response:
        form = await _form(request)
        method = self._method(form.get("methodId", ""))
        try:
            reason = bind_card(self._world, method, _card(form))
        except Mistyped as error:
            return _html(pages.binding_page(method, str(error)))
        if reason is not None:
            return _html(pages.binding_failed_page(method, reason))
        raise web.HTTPSeeOther(method.return_url)

    def _pay_by_wallet(self, payment: Payment, form: dict[str, str]) -> None:
        outcome = form.get("outcome", "ok")
        pay_by_wallet(
            self._world,
            payment,
            form.get("method", ""),
            save=form.get("save") == "yes",
            reason=None if outcome == "ok" else outcome,
            bank=form.get("bank", ""),
        )

    async def _after(self, payment: Payment, attempts_before: int) -> web.Response:
        if self._world.hooks.before_answer:
            await self._world.post.settled()
        if payment.status == "pending" and payment.attempts > attempts_before:
            return self._again(payment, f"{reason_text(payment.last_reason)}. Попробуйте ещё раз")
        if payment.status != "canceled" and payment.return_url:
            raise web.HTTPSeeOther(payment.return_url)
        return _html(pages.result_page(payment))

    def _again(self, payment: Payment, error: str) -> web.Response:
        if payment.status != "pending":
            return _html(pages.result_page(payment))
        return _html(pages.payment_page(payment, error))

    def _payment(self, payment_id: str) -> Payment:
        payment = self._world.payments.get(payment_id)
        if payment is None:
            raise web.HTTPNotFound(text=pages.missing_page(), content_type="text/html")
        return payment

    def _method(self, method_id: str) -> Method:
        method = self._world.methods.get(method_id)
        if method is None:
            raise web.HTTPNotFound(text=pages.missing_page(), content_type="text/html")
        return method


def _card(form: dict[str, str]) -> CardForm:
    return CardForm(form.get("number", ""), form.get("expiry", ""), form.get("csc", ""), form.get("save") == "yes")


async def _form(request: web.Request) -> dict[str, str]:
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _html(page: str) -> web.Response:
    return web.Response(text=page, content_type="text/html", headers={"Cache-Control": "no-store"})
