"""kill -9 between any two steps of buying, renewing and refunding: after the restart nothing is lost and nothing is done twice.

The emulated provider holds a step open: it hangs before it has done what it was asked, or after. While it hangs the server dies.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ai_chat.emulators import yookassa
from ai_chat.emulators.yookassa.payments import Payment
from ai_chat.features.billing.doctor import diagnose
from ai_chat.kernel.clock import system_clock
from ai_chat.storage.opening import open_database
from tests.backends import SLOW_BACKENDS
from tests.product import PASSWORD, Api
from tests.stories.server import Server, serving

TRAVELLING = ("tests.stories.travelling",)
LEASE = 80
"""Seconds after which what a dead server held is anybody's."""
WEBHOOK = "/api/payments/yookassa/webhook"


@dataclass
class Shop:
    """The provider, the time of both sides, and the people."""

    kassa: yookassa.Emulator
    env: dict[str, str]
    folder: Path
    session: aiohttp.ClientSession
    seconds: float = 0

    def travel(self, **how_far: float) -> None:
        step = timedelta(**how_far).total_seconds()
        self.kassa.admin.advance(seconds=step)
        self.seconds += step
        self._write()

    def _write(self) -> None:
        fresh = self.folder / "clock.new"
        fresh.write_text(str(self.seconds))
        fresh.replace(self.folder / "clock")

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Server]:
        self._write()
        async with serving(self.env, self.folder, program=TRAVELLING) as server:
            self.kassa.admin.shop(webhook_url=server.url + WEBHOOK)
            yield server

    async def person(self, server: Server, name: str) -> Api:
        """Signed in; registered, where they are new."""
        anonymous, body = Api(self.session, server.url), {"email": f"{name}@example.com", "password": PASSWORD}
        answer = await anonymous.post("/api/auth/login", body)
        if answer.status != 200:
            answer = await anonymous.post("/api/auth/register", body)
        return Api(self.session, server.url, answer.data["token"], answer.data["user"])

    def payments(self, person: Api) -> list[Payment]:
        return [payment for payment in self.kassa.admin.payments() if payment.customer == person.user["id"]]

    def succeeded(self, person: Api) -> int:
        return sum(payment.status == "succeeded" for payment in self.payments(person))

    async def killed_at(self, server: Server, method: str, path: str, doing: Callable[[], Any], fault: str) -> None:
        """Lets `doing` begin, and kills the server while the provider holds its call to `path` open."""
        self.kassa.admin.fault(fault, method=method, path=path, seconds=600)
        before = self._calls(method, path)
        task = asyncio.ensure_future(doing())
        async with asyncio.timeout(30):
            while self._calls(method, path) == before:
                await asyncio.sleep(0.01)
            if fault.endswith("_after"):  # the emulator does its work right after it has noted the call
                await asyncio.sleep(0.05)
        server.kill()
        await asyncio.gather(task, return_exceptions=True)
        self.kassa.admin.clear_faults()
        self.travel(seconds=LEASE)

    def _calls(self, method: str, path: str) -> int:
        return sum(entry.method == method and path in entry.path for entry in self.kassa.admin.requests())

    async def looked(self, **how_far: float) -> None:
        """Time passes, and all jobs of the server have run: the sweep, which is one of them, has come round three times."""
        for step in (how_far, {"minutes": 3}, {"minutes": 3}):
            before = self._calls("GET", "/refunds")
            self.travel(**step)
            await until(lambda before=before: self._calls("GET", "/refunds") > before)  # type: ignore[misc]

    async def complaints(self) -> list[str]:
        url = self.env.get("DATABASE_URL")
        database = await open_database(url, Path(self.env["DATA_DIR"]))
        now = system_clock() + timedelta(seconds=self.seconds)
        try:
            return await database.read(lambda session: diagnose(session, now))
        finally:
            await database.close()


@pytest.fixture
async def shop(env: dict[str, str], tmp_path: Path) -> AsyncIterator[Shop]:
    async with (
        await yookassa.start(environ={}) as kassa,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        ours = {
            "YOOKASSA_SHOP_ID": kassa.shop_id,
            "YOOKASSA_SECRET_KEY": kassa.secret_key,
            "YOOKASSA_BASE_URL": kassa.base_url,
            "YOOKASSA_WEBHOOK_IPS": "127.0.0.1",
            "CLOCK": str(tmp_path / "clock"),
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "AUTH_THROTTLE": "off",
        }
        kassa.admin.hooks(header="")
        yield Shop(kassa, env | ours, tmp_path, session)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.02)


async def checkout(person: Api, **wish: Any) -> tuple[str, str]:
    """The order and the provider's payment, once there is one."""
    async with asyncio.timeout(30):
        while (answer := await person.post("/api/subscription/checkout", {"plan": "premium", **wish})).status != 200:
            await asyncio.sleep(0.1)
    return answer.data["orderId"], answer.data["confirmationUrl"].rpartition("orderId=")[2]


async def premium(person: Api) -> None:
    async with asyncio.timeout(30):
        while (await person.get("/api/auth/me")).data["subscriptionTier"] != "premium":
            await asyncio.sleep(0.05)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("backend", SLOW_BACKENDS, indirect=True)
async def test_a_server_killed_at_every_step_loses_nothing_and_does_nothing_twice(shop: Shop) -> None:
    admin = shop.kassa.admin
    async with shop.open() as server:  # the order is stored, the provider has done nothing
        ann = await shop.person(server, "ann")
        await shop.killed_at(server, "POST", "/payments", lambda: checkout(ann, saveMethod=True), "hang_before")
        assert shop.payments(ann) == []
    async with shop.open() as server:  # the provider has made a payment, nobody has noted its id
        ann, ben = await shop.person(server, "ann"), await shop.person(server, "ben")
        _, payment = await checkout(ann, saveMethod=True)
        assert [known.id for known in shop.payments(ann)] == [payment]
        await shop.killed_at(server, "POST", "/payments", lambda: checkout(ben, saveMethod=True), "hang_after")
        assert len(shop.payments(ben)) == 1
    async with shop.open() as server:  # the notification is stored, nobody has looked
        ben = await shop.person(server, "ben")
        _, second = await checkout(ben, saveMethod=True)
        assert [known.id for known in shop.payments(ben)] == [second]
        await shop.killed_at(server, "GET", f"/payments/{payment}", lambda: _paid(shop, payment), "hang_before")
    admin.hooks(drop=-1)  # nobody tells a second time
    async with shop.open() as server:  # somebody has looked, nothing is granted
        await premium(await shop.person(server, "ann"))
        admin.hooks(drop=0)
        await shop.killed_at(server, "GET", f"/payments/{second}", lambda: _paid(shop, second), "hang_after")
    async with shop.open() as server:  # the same person has paid twice: the second payment is on its way back
        ann, cat = await shop.person(server, "ann"), await shop.person(server, "cat")
        await premium(await shop.person(server, "ben"))
        _, month = await checkout(cat)
        _, year = await checkout(cat, period="year")
        admin.pay(year)
        await premium(cat)
        await shop.killed_at(server, "POST", "/refunds", lambda: _paid(shop, month), "hang_after")
        assert len(admin.refunds()) == 1
    async with shop.open() as server:  # two renewals are due: the first is charged, and nobody has noted it
        await until(lambda: admin.payment(month).refunded == admin.payment(month).amount)
        shop.travel(days=27)
        await shop.person(server, "ann")  # it serves, and its jobs run
        await shop.killed_at(server, "POST", "/payments", lambda: _later(shop, days=5), "hang_after")
    async with shop.open():
        await until(lambda: [shop.succeeded(person) for person in (ann, ben)] == [2, 2])
        await shop.looked(hours=5)
        assert [shop.succeeded(person) for person in (ann, ben, cat)] == [2, 2, 2]
        await _settled(shop)
    assert len(admin.refunds()) == 1
    assert await shop.complaints() == []


async def _paid(shop: Shop, payment: str) -> None:
    shop.kassa.admin.pay(payment)


async def _later(shop: Shop, **how_far: float) -> None:
    shop.travel(**how_far)


async def _settled(shop: Shop) -> None:
    """Nothing is left that a server would still have to do."""
    async with asyncio.timeout(40):
        while await shop.complaints():
            await asyncio.sleep(0.2)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("backend", ["postgres+redis"], indirect=True)
async def test_two_workers_and_one_that_dies_charge_every_period_once(shop: Shop) -> None:
    admin = shop.kassa.admin
    async with shop.open() as first, shop.open() as second:
        people = [await shop.person(server, f"p{number}") for number, server in enumerate((first, second) * 3)]
        for person in people:
            opened = await asyncio.gather(*(checkout(person, saveMethod=True) for _ in range(3)))
            assert len(set(opened)) == 1
            admin.pay(opened[0][1])
            await premium(person)
        admin.fault("slow_body", times=None, seconds=0.2)
        shop.travel(days=30, hours=12)
        await until(lambda: sum(shop.succeeded(person) for person in people) >= 8)
        first.kill()
        shop.travel(seconds=LEASE)
        await until(lambda: [shop.succeeded(person) for person in people] == [2] * 6)
        admin.clear_faults()
        await shop.looked(hours=6)
    assert Counter(shop.succeeded(person) for person in people) == {2: 6}
    assert await shop.complaints() == []
