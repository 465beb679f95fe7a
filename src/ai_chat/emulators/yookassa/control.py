"""The admin calls over HTTP, under /_emulator: for the demo, and for tests in other processes or languages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from ai_chat.emulators.json_values import Json, JsonObject, as_object, as_text
from ai_chat.emulators.serving import PREFIX, read_object
from ai_chat.emulators.yookassa.admin import FOREIGN_SENDER, Admin
from ai_chat.emulators.yookassa.cards import CARDS
from ai_chat.emulators.yookassa.faults import FAULTS
from ai_chat.emulators.yookassa.hooks import KNOBS
from ai_chat.emulators.yookassa.panel import panel_page
from ai_chat.emulators.yookassa.shapes import as_number, decode, encode, utc


def add_control_routes(app: web.Application, admin: Admin) -> None:
    """Mount the controls. They need no key: the server listens on loopback only."""
    control = Control(admin)
    for name in (
        "reset",
        "clock",
        "pay",
        "decline",
        "bind",
        "revoke",
        "script",
        "faults",
        "hooks",
        "release",
        "settle",
    ):
        app.router.add_post(f"{PREFIX}/{name}", getattr(control, name))
    for name in ("forge", "send", "shop", "habits"):
        app.router.add_post(f"{PREFIX}/{name}", getattr(control, name))
    app.router.add_delete(f"{PREFIX}/faults", control.clear_faults)
    app.router.add_get(f"{PREFIX}/", control.panel)
    app.router.add_get(f"{PREFIX}/clock", control.show_clock)
    app.router.add_get(f"{PREFIX}/state", control.state)
    app.router.add_get(f"{PREFIX}/requests", control.requests)
    app.router.add_get(f"{PREFIX}/deliveries", control.deliveries)
    app.router.add_get(f"{PREFIX}/knobs", control.describe)


class Control:
    """Each handler's docstring is the shape of its body."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    async def reset(self, request: web.Request) -> web.Response:
        self._admin.reset()
        return _ok()

    async def panel(self, request: web.Request) -> web.Response:
        return web.Response(
            text=panel_page(self._admin), content_type="text/html", headers={"Cache-Control": "no-store"}
        )

    async def show_clock(self, request: web.Request) -> web.Response:
        return _json({"now": self._admin.now().isoformat(), "timestamp": self._admin.now().timestamp()})

    async def clock(self, request: web.Request) -> web.Response:
        """`{"days"?, "hours"?, "seconds"?}` forward, or `{"set": "2027-01-31T12:00:00Z"}`"""
        body = await read_object(request, decode)
        if moment := as_text(body.get("set")):
            self._admin.set_time(datetime.fromisoformat(moment))
        self._admin.advance(
            days=as_number(body.get("days")), hours=as_number(body.get("hours")), seconds=as_number(body.get("seconds"))
        )
        return await self.show_clock(request)

    async def pay(self, request: web.Request) -> web.Response:
        """`{"payment_id", "card"?, "expiry"?, "save"?, "kind"?, "bank"?, "code_given"?}`"""
        body: dict[str, Any] = dict(await read_object(request, decode))
        return _json(self._admin.pay(**body).describe())

    async def decline(self, request: web.Request) -> web.Response:
        """`{"payment_id", "reason"?, "party"?}`"""
        body: dict[str, Any] = dict(await read_object(request, decode))
        return _json(self._admin.decline(**body).describe())

    async def bind(self, request: web.Request) -> web.Response:
        """`{"method_id", "card"?, "expiry"?}`"""
        body: dict[str, Any] = dict(await read_object(request, decode))
        return _json(self._admin.bind(**body).describe())

    async def revoke(self, request: web.Request) -> web.Response:
        """`{"method_id"}`"""
        self._admin.revoke(as_text((await read_object(request, decode)).get("method_id")))
        return _ok()

    async def script(self, request: web.Request) -> web.Response:
        """`{"method_id", "outcomes": ["insufficient_funds", "ok"]}`"""
        body = await read_object(request, decode)
        outcomes = body.get("outcomes")
        words = [word for word in outcomes if isinstance(word, str)] if isinstance(outcomes, list) else []
        self._admin.script(as_text(body.get("method_id")), *words)
        return _ok()

    async def faults(self, request: web.Request) -> web.Response:
        """`{"name", "times"?, "method"?, "path"?, "seconds"?, "retry_after"?}`; times null: until they are cleared"""
        body: dict[str, Any] = dict(await read_object(request, decode))
        self._admin.fault(**body)
        return _ok()

    async def clear_faults(self, request: web.Request) -> web.Response:
        self._admin.clear_faults()
        return _ok()

    async def hooks(self, request: web.Request) -> web.Response:
        """Any of the knobs, see GET /_emulator/knobs"""
        body: dict[str, Any] = dict(await read_object(request, decode))
        self._admin.hooks(**body)
        return _ok()

    async def release(self, request: web.Request) -> web.Response:
        self._admin.release()
        return _ok()

    async def settle(self, request: web.Request) -> web.Response:
        """Answers when every notification that is due has had its attempt"""
        await self._admin.settled()
        return _ok()

    async def forge(self, request: web.Request) -> web.Response:
        """`{"event", "object", "source"?}`"""
        body = await read_object(request, decode)
        source = as_text(body.get("source"), FOREIGN_SENDER)
        status = await self._admin.forge(as_text(body.get("event")), as_object(body.get("object")), source=source)
        return _json({"status": status})

    async def send(self, request: web.Request) -> web.Response:
        """The body itself goes to the shop's address; `?source=` is its sender"""
        status = await self._admin.send(await request.read(), source=request.query.get("source"))
        return _json({"status": status})

    async def shop(self, request: web.Request) -> web.Response:
        """`{"shop_id"?, "secret"?, "test"?, "enabled"?, "recurring"?, "fiscal"?, "methods"?, "webhook_url"?, "balance"?}`"""
        body: dict[str, Any] = dict(await read_object(request, decode))
        return _json(self._admin.shop(body.pop("shop_id", None), **body).describe())

    async def habits(self, request: web.Request) -> web.Response:
        """`{"page_attempts"?, "receipt_seconds"?, "receipt_fails"?, "refund_seconds"?, "refund_reason"?, …}`"""
        body: dict[str, Any] = dict(await read_object(request, decode))
        self._admin.habits(**body)
        return _ok()

    async def state(self, request: web.Request) -> web.Response:
        payments: list[Json] = [payment.describe() for payment in self._admin.payments()]
        refunds: list[Json] = [refund.describe() for refund in self._admin.refunds()]
        methods: list[Json] = [method.describe() for method in self._admin.methods()]
        receipts: list[Json] = [receipt.describe() for receipt in self._admin.receipts()]
        return _json({"payments": payments, "refunds": refunds, "payment_methods": methods, "receipts": receipts})

    async def requests(self, request: web.Request) -> web.Response:
        rows: list[Json] = [entry.describe(utc) for entry in self._admin.requests(request.query.get("path"))]
        return _json({"data": rows})

    async def deliveries(self, request: web.Request) -> web.Response:
        rows: list[Json] = [delivery.describe() for delivery in self._admin.deliveries()]
        return _json({"data": rows})

    async def describe(self, request: web.Request) -> web.Response:
        cards: JsonObject = {number: card.reason or "ok" for number, card in CARDS.items()}
        return _json({"faults": {**FAULTS}, "hooks": {**KNOBS}, "cards": cards})


def _ok() -> web.Response:
    return _json({"ok": True})


def _json(value: JsonObject) -> web.Response:
    return web.Response(body=encode(value), content_type="application/json")
