"""The product with the emulated YooKassa behind it, travelling through time together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from pydantic import SecretStr

from ai_chat.emulators import openrouter, yookassa
from ai_chat.features.billing.doctor import diagnose
from ai_chat.features.billing.service import Billing
from tests.product import Api, Product, TravelClock, running_product


@dataclass
class Till:
    """A shop that sells: the product, the provider, and what happens between them."""

    product: Product
    kassa: yookassa.Emulator

    @property
    def billing(self) -> Billing:
        return cast(Billing, self.product.app.state.parts[Billing])

    @property
    def now(self) -> datetime:
        return self.product.clock()

    async def travel(self, **how_far: float) -> None:
        """Both clocks go forward; then everything that is due is done, on both sides."""
        self.product.clock.travel(**how_far)
        self.kassa.admin.advance(**how_far)
        await self.work()

    async def work(self) -> None:
        """Notifications arrive and jobs run until nothing more is due."""
        for _ in range(3):
            await self.kassa.admin.settled()
            await self.billing.jobs.run_due()

    async def checkout(self, person: Api, **wish: Any) -> tuple[str, str]:
        """An order, and its payment at the provider's."""
        opened = (await person.post("/api/subscription/checkout", {"plan": "premium", **wish})).data
        return opened["orderId"], opened["confirmationUrl"].rpartition("orderId=")[2]

    async def buy(self, person: Api, *, save: bool = True, card: str = "5555555555554444", **wish: Any) -> str:
        """Premium, paid by card; the order."""
        order, payment = await self.checkout(person, saveMethod=save, **wish)
        self.kassa.admin.pay(payment, save=save, card=card)
        await self.work()
        return await self.decided(person, order)

    async def decided(self, person: Api, order_id: str) -> str:
        """The order, once the jobs that may be at it in the background are through with it."""
        async with asyncio.timeout(20):
            while (await self.order(person, order_id))["status"] == "pending":
                await self.billing.jobs.run_due()
        return order_id

    async def order(self, person: Api, order_id: str) -> dict[str, Any]:
        return cast(dict[str, Any], (await person.get(f"/api/orders/{order_id}")).data)

    async def subscription(self, person: Api) -> dict[str, Any]:
        return cast(dict[str, Any], (await person.get("/api/subscription")).data)

    async def tier(self, person: Api) -> str:
        return str((await person.get("/api/auth/me")).data["subscriptionTier"])

    async def complaints(self) -> list[str]:
        """What the doctor says."""
        return await self.product.database.read(lambda session: diagnose(session, self.now))


@asynccontextmanager
async def open_till(folder: Path, **changes: Any) -> AsyncIterator[Till]:
    """A running shop on a free port."""
    async with await openrouter.start(environ={}) as models, await yookassa.start(environ={}) as kassa:
        kassa.admin.set_time(TravelClock()())
        async with open_product(folder, models, kassa, **changes) as till:
            yield till


@asynccontextmanager
async def open_product(
    folder: Path, models: openrouter.Emulator, kassa: yookassa.Emulator, **changes: Any
) -> AsyncIterator[Till]:
    """The product, perhaps again after it went down; it takes the provider's time."""
    shop: dict[str, Any] = {
        "yookassa_base_url": kassa.base_url,
        "yookassa_shop_id": kassa.shop_id,
        "yookassa_secret_key": SecretStr(kassa.secret_key),
        "trusted_proxies": ("127.0.0.1",),
    }
    async with running_product(data_dir=folder, emulator=models, **(shop | changes)) as product:
        product.clock.travel_to(kassa.admin.now())
        kassa.admin.shop(webhook_url=f"{product.url}/api/payments/yookassa/webhook")
        yield Till(product, kassa)


async def parallel(*calls: Any) -> list[Any]:
    return list(await asyncio.gather(*calls))
