"""The emulator's own controls, in process for tests; control.py offers the same over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ai_chat.emulators.json_values import JsonObject
from ai_chat.emulators.serving import RecordedRequest
from ai_chat.emulators.yookassa import lifecycle
from ai_chat.emulators.yookassa.cards import GOOD_CARD
from ai_chat.emulators.yookassa.hooks import Delivery, Hooks
from ai_chat.emulators.yookassa.paying import CardForm, bind_card, finish, pay_by_card, pay_by_wallet
from ai_chat.emulators.yookassa.payments import FiscalReceipt, Method, Payment, Refund
from ai_chat.emulators.yookassa.requests import create_refund
from ai_chat.emulators.yookassa.shapes import encode, money
from ai_chat.emulators.yookassa.shops import Shop
from ai_chat.emulators.yookassa.world import World

FOREIGN_SENDER = "203.0.113.9"


class Admin:
    """Turns the emulator's knobs. Every method takes effect at once."""

    def __init__(self, world: World) -> None:
        self._world = world

    def reset(self) -> None:
        """As after the start: everything but the address is forgotten, the clock is the real one again."""
        self._world.reset()
        self._world.wake.set()

    # Time

    def now(self) -> datetime:
        """The emulator's time. As the product's clock it makes both travel together."""
        return datetime.fromtimestamp(self._world.now(), UTC)

    def advance(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> datetime:
        """Turn the clock forward, and do all that is due then."""
        self._world.offset += days * 86_400 + hours * 3600 + seconds
        lifecycle.tick(self._world)
        self._world.wake.set()
        return self.now()

    def set_time(self, moment: datetime) -> None:
        self._world.offset += moment.timestamp() - self._world.now()
        lifecycle.tick(self._world)
        self._world.wake.set()

    # What people do

    def pay(
        self,
        payment_id: str,
        *,
        card: str = GOOD_CARD,
        expiry: str = "12/40",
        save: bool = True,
        kind: str = "bank_card",
        bank: str = "",
        code_given: bool = True,
    ) -> Payment:
        """Pay as on the page. `save` is its checkbox, which is only there if the shop has asked."""
        lifecycle.tick(self._world)
        payment = self._world.payments[payment_id]
        if kind == "bank_card":
            pay_by_card(self._world, payment, CardForm(card, expiry, "123", save), code_given=code_given)
        else:
            pay_by_wallet(self._world, payment, kind, save=save, reason=None, bank=bank)
        self._world.wake.set()
        return payment

    def decline(self, payment_id: str, reason: str = "general_decline", *, party: str = "payment_network") -> Payment:
        """Let the payment fail for any reason, also one that no test card gives."""
        lifecycle.tick(self._world)
        payment = self._world.payments[payment_id]
        method = Method(payment.id, "bank_card", "Bank card *0000", payment.shop.id)
        payment.attempts = self._world.habits.page_attempts
        finish(self._world, payment, method, reason, party)
        self._world.wake.set()
        return payment

    def bind(self, method_id: str, *, card: str = GOOD_CARD, expiry: str = "12/40") -> Method:
        """Confirm a binding as on its page."""
        method = self._world.methods[method_id]
        bind_card(self._world, method, CardForm(card, expiry))
        self._world.wake.set()
        return method

    def refund(self, payment_id: str, amount: int | None = None) -> Refund:
        """Give money back as the shop's owner does in the cabinet: nobody asks for it over the API."""
        payment = self._world.payments[payment_id]
        asked: JsonObject = {"payment_id": payment_id, "amount": money(amount or payment.amount - payment.refunded)}
        made = create_refund(self._world, payment.shop, asked)
        self._world.wake.set()
        return self._world.refunds[str(made["id"])]

    def revoke(self, method_id: str) -> None:
        """The person withdraws the permission at their bank: the next charge is canceled with `permission_revoked`."""
        self._world.methods[method_id].revoked = True

    def script(self, method_id: str, *outcomes: str) -> None:
        """What becomes of the next charges of a saved method: `ok`, `pending`, `pending:<reason>` or a reason."""
        self._world.methods[method_id].script = list(outcomes)

    # What goes wrong

    def fault(self, name: str, *, times: int | None = 1, **details: Any) -> None:
        """Plan a fault (faults.py) for the next `times` calls; `method`, `path`, `seconds`, `retry_after` narrow it."""
        self._world.faults.plan(name, times=times, **details)

    def clear_faults(self) -> None:
        self._world.faults.planned.clear()

    def hooks(self, **knobs: Any) -> Hooks:
        """Change knobs of the notifications (hooks.py)."""
        if "schedule" in knobs:
            knobs["schedule"] = tuple(float(pause) for pause in knobs["schedule"])
        try:
            self._world.hooks = replace(self._world.hooks, **knobs)
        except TypeError as problem:
            raise ValueError(str(problem)) from None
        return self._world.hooks

    def release(self) -> None:
        """Send the notifications that `reorder` holds back."""
        self._world.post.release()
        self._world.wake.set()

    async def settled(self) -> None:
        """Wait until every notification that is due has had its attempt."""
        lifecycle.tick(self._world)
        await self._world.post.settled()

    async def send(self, body: bytes, *, source: str | None = None, shop: str | None = None) -> int:
        """Send any body at all to the shop's address: garbage, something huge. Its status, 0 for none."""
        return await self._world.post.send(self._shop(shop).webhook_url, body, source=source)

    async def forge(self, event: str, content: JsonObject, *, source: str = FOREIGN_SENDER) -> int:
        """Send a notification that the vendor never sent, from an address that is not the vendor's, or seems to be."""
        return await self.send(encode({"type": "notification", "event": event, "object": content}), source=source)

    # What there is

    def shop(self, shop_id: str | None = None, **changes: Any) -> Shop:
        """Change a shop (shops.py), or make one: a new one needs its `secret`."""
        if shop_id is not None and shop_id not in self._world.shops:
            self._world.shops[shop_id] = Shop(shop_id, **changes)
            return self._world.shops[shop_id]
        shop = self._shop(shop_id)
        unknown = set(changes) - set(Shop.__dataclass_fields__)
        if unknown:
            raise ValueError(f"unknown fields of a shop: {', '.join(sorted(unknown))}")
        for name, value in changes.items():
            setattr(shop, name, tuple(value) if isinstance(value, list) else value)
        return shop

    def habits(self, **changes: Any) -> None:
        """How long things take (world.py): receipts, refunds, charges, attempts on the page."""
        try:
            self._world.habits = replace(self._world.habits, **changes)
        except TypeError as problem:
            raise ValueError(str(problem)) from None

    def payments(self) -> list[Payment]:
        """All payments, oldest first."""
        return list(self._world.payments.values())

    def payment(self, payment_id: str) -> Payment:
        return self._world.payments[payment_id]

    def refunds(self) -> list[Refund]:
        return list(self._world.refunds.values())

    def methods(self) -> list[Method]:
        return list(self._world.methods.values())

    def receipts(self) -> list[FiscalReceipt]:
        return list(self._world.receipts.values())

    def deliveries(self) -> list[Delivery]:
        """Notifications, oldest first, with the status of each attempt."""
        return list(self._world.post.deliveries)

    def requests(self, path: str | None = None, method: str | None = None) -> list[RecordedRequest]:
        """Calls received so far, oldest first, perhaps only those whose path ends so."""
        return [
            entry
            for entry in self._world.requests
            if (path is None or entry.path.endswith(path)) and (method is None or entry.method == method)
        ]

    def _shop(self, shop_id: str | None) -> Shop:
        return self._world.shops[shop_id] if shop_id else next(iter(self._world.shops.values()))
