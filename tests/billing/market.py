"""A product that sells through the emulated YooKassa, both on one clock, and somebody who buys there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from ai_chat.commands import users
from ai_chat.emulators.openrouter import Emulator
from ai_chat.emulators.yookassa import Emulator as YooKassaEmulator
from ai_chat.emulators.yookassa import start as start_yookassa
from ai_chat.features.billing.doctor import diagnose
from ai_chat.features.billing.models import Notification, Order, Payment, Refund, SavedMethod
from ai_chat.features.billing.service import Billing
from ai_chat.features.mail.models import Mail
from tests.product import PASSWORD, Api, Product, running_product

WEBHOOK = "/api/payments/yookassa/webhook"


@dataclass
class Market:
    """The product and its shop."""

    product: Product
    shop: YooKassaEmulator

    @property
    def billing(self) -> Billing:
        billing = self.product.app.state.parts[Billing]
        assert isinstance(billing, Billing)
        return billing

    async def notified(self) -> None:
        """Every notification has arrived and been dealt with, and whatever else is due is done."""
        await self.shop.admin.settled()
        await self._work_off()

    async def _work_off(self) -> None:
        async with asyncio.timeout(20):
            while True:
                await self.billing.jobs.run_due()
                await self.billing.jobs.send_letters()
                await self.shop.admin.settled()
                if await self._quiet():
                    return
                await asyncio.sleep(0.01)  # a call that a request has left behind may be holding something

    async def _quiet(self) -> bool:
        now = self.product.clock()
        waiting = [row for row in await self.rows(Notification) if row.processed_at is None and row.looks == 0]
        open_rows = [*await self.rows(Payment), *await self.rows(Refund), *await self.rows(Mail)]
        held = [row for row in open_rows if row.claimed_until is not None and row.claimed_until > now]
        due = [row for row in open_rows if row.next_look_at is not None and row.next_look_at <= now]
        return not waiting and not held and not due

    async def travel(self, **how_far: float) -> None:
        """Time passes for both; what falls due on the way is done, a day at a time."""
        left = timedelta(**how_far)
        while left > timedelta():
            step = min(left, timedelta(hours=12))
            self.shop.admin.advance(seconds=step.total_seconds())
            self.product.clock.shift += step
            left -= step
            await self._work_off()

    async def checkout(self, user: Api, **body: Any) -> tuple[str, str]:
        """Order and the provider's payment."""
        answer = await user.post("/api/subscription/checkout", {"plan": "premium", **body})
        order_id = str(answer.data["orderId"])
        return order_id, await self.payment_of(order_id)

    async def payment_of(self, order_id: str) -> str:
        rows = await self.rows(Payment)
        return next(str(row.provider_id) for row in reversed(rows) if str(row.order_id) == order_id)

    async def buy(self, user: Api, *, save: bool = True, **body: Any) -> str:
        """A paid order."""
        order_id, payment_id = await self.checkout(user, saveMethod=save, **body)
        self.shop.admin.pay(payment_id)
        await self.notified()
        assert (await user.get(f"/api/orders/{order_id}")).data["status"] == "paid"
        return order_id

    async def rows(self, model: type[Any]) -> list[Any]:
        def work(session: Any) -> list[Any]:
            return list(session.scalars(select(model).order_by(model.id)).all())

        return await self.product.database.read(work)

    async def card(self) -> str:
        """The provider's id of the one saved card."""
        saved = [method for method in await self.rows(SavedMethod) if method.status == "active"]
        assert len(saved) == 1
        return str(saved[0].provider_id)

    async def renewals(self) -> list[Order]:
        return [order for order in await self.rows(Order) if order.kind == "renewal"]


async def healthy(market: Market) -> list[str]:
    """What the doctor says."""
    return await market.product.database.read(lambda session: diagnose(session, market.product.clock()))


async def administrator(market: Market) -> Api:
    admin = await market.product.user()
    await users.set_role(market.product.database, admin.user["email"], "admin")
    await sign_in(admin)
    return admin


async def sign_in(user: Api) -> None:
    """Tokens do not outlive the journeys that these tests make."""
    body = {"email": user.user["email"], "password": PASSWORD}
    user.token = (await Api(user.session, user.url).post("/api/auth/login", body)).data["token"]


async def tier(user: Api) -> str:
    await sign_in(user)
    return str((await user.get("/api/auth/me")).data["subscriptionTier"])


async def subscription(user: Api) -> dict[str, Any]:
    await sign_in(user)
    return dict((await user.get("/api/subscription")).data)


async def _rest_the_loop() -> None:
    """The market does what is due itself, when the test says so. (With the product's own loop beside it, which the stories
    with real processes have, an answer that was asked for before a journey might be written down after it.)
    """
    loops = [task for task in asyncio.all_tasks() if task.get_name() == "billing"]
    for task in loops:
        task.cancel()
    await asyncio.wait(loops)


@asynccontextmanager
async def open_market(
    data_dir: Path, emulator: Emulator, database_url: str | None, *, by_itself: bool = False, **changes: Any
) -> AsyncIterator[Market]:
    """`by_itself`: the product does what is due without being told."""
    async with await start_yookassa() as shop:
        usual: dict[str, Any] = {
            "yookassa_shop_id": shop.shop_id,
            "yookassa_secret_key": SecretStr(shop.secret_key),
            "yookassa_base_url": shop.base_url,
            "yookassa_webhook_ips": "127.0.0.1",
        }
        async with running_product(
            data_dir=data_dir, database_url=database_url, emulator=emulator, **(usual | changes)
        ) as product:
            if not by_itself:
                await _rest_the_loop()
            shop.admin.advance(seconds=product.clock.shift.total_seconds())
            shop.admin.shop(webhook_url=product.url + WEBHOOK)
            yield Market(product, shop)
