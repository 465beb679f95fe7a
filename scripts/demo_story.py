"""Some months of a small business, lived through the product's own API while both clocks run: what the operator's pages show then.

People register, talk, buy, are declined, cancel and are given money back; the same people do the same each time.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from ai_chat.commands import users
from ai_chat.commands.on_database import on_database
from ai_chat.emulators.yookassa.cards import CARDS
from ai_chat.settings import Settings

ADMIN = "admin@example.com"
_NAMES = (
    "anna", "boris", "vera", "gleb", "daria", "egor", "zhanna", "igor", "kira", "lev", "maria", "nikita", "olga", "pavel",
    "rita", "semyon", "taisia", "ulyana", "fedor",
)  # fmt: skip
_FREE = ("openai/gpt-3.5-turbo", "google/gemini-flash-1.5", "meta-llama/llama-3.1-8b-instruct")
_PREMIUM = (
    "anthropic/claude-3.5-sonnet",
    "openai/gpt-4-turbo",
    "google/gemini-pro-1.5",
    "deepseek/deepseek-chat",
    "openai/gpt-4o",
)
_BAD = [number for number, card in CARDS.items() if card.reason]
_GOOD = [number for number, card in CARDS.items() if not card.reason]
_DECLINES = ("insufficient_funds", "card_expired", "general_decline", "permission_revoked")
_JOBS_SECONDS = 1.15
"""The product looks for work once a second."""


@dataclass
class Person:
    """Somebody, and what they are like."""

    email: str
    headers: dict[str, str] = field(default_factory=dict)
    chat: str = ""
    buys_in: int = 99
    talks: float = 0.3
    expensive: int = 300
    premium: bool = False


class Story:
    """Tells it, day by day."""

    def __init__(self, settings: Settings, url: str, kassa: str, days: int, password: str) -> None:
        self._settings = settings
        self._url = url
        self._kassa = kassa
        self._days = days
        self._password = password
        self._random = random.Random(5)
        self._people: list[Person] = []
        self._admin = Person(ADMIN)
        self._session: aiohttp.ClientSession

    async def tell(self) -> None:
        """From `days` ago to now."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), read_bufsize=2**22) as self._session:
            await self._until_serving()
            await self._register(self._admin)
            await asyncio.to_thread(
                on_database, self._settings, lambda database: users.set_role(database, ADMIN, "admin")
            )
            await self._begin()
            for day in range(self._days):
                await self._day(day)
                await self._control("clock", {"days": 1})
                await self._control("settle", {})
                await asyncio.sleep(_JOBS_SECONDS)
                if day % 10 == 9:
                    print(f"  day {day + 1} of {self._days}: {len(self._people)} people", flush=True)

    async def _begin(self) -> None:
        await self._sign_in(self._admin)
        for code in ({"code": "WELCOME", "percentOff": 30}, {"code": "WEEK", "freeDays": 7, "maxUses": 5}):
            await self._call("POST", "/api/admin/promo-codes", self._admin, code)
        await self._call("PUT", "/api/admin/exchange-rate", self._admin, {"rubPerUsd": 92.5})

    async def _day(self, day: int) -> None:
        for _ in range(self._random.choice((0, 1, 1, 2, 3))):
            await self._newcomer(day)
        if day == self._days // 2:
            await self._sign_in(self._admin)
            await self._call("PUT", "/api/admin/exchange-rate", self._admin, {"rubPerUsd": 96.4})
        for person in self._people:
            person.buys_in -= 1
            acts = person.buys_in == 0 or self._random.random() < person.talks
            if not acts:
                continue
            await self._sign_in(person)
            if person.buys_in == 0:
                await self._buy(person)
            elif person.premium and self._random.random() < 0.03:
                await self._call("POST", "/api/subscription/cancel", person)
            await self._talk(person)
        if self._random.random() < 0.08:
            await self._give_back()

    async def _newcomer(self, day: int) -> None:
        name = _NAMES[len(self._people) % len(_NAMES)]
        person = Person(f"{name}{len(self._people) + 1}@example.com", talks=self._random.uniform(0.05, 0.5))
        person.expensive = self._random.choice((100, 300, 300, 1200, 4000, 12_000))
        if self._random.random() < 0.45:
            person.buys_in = self._random.choice((1, 1, 2, 3, 7, 12))
        await self._register(person)
        self._people.append(person)
        await self._talk(person)

    async def _buy(self, person: Person) -> None:
        saves = self._random.random() < 0.75
        wish: dict[str, Any] = {"plan": "premium", "period": "year" if self._random.random() < 0.12 else "month"}
        wish["saveMethod"] = saves
        if self._random.random() < 0.2:
            wish["promoCode"] = "WELCOME"
        opened = await self._call("POST", "/api/subscription/checkout", person, wish)
        payment = str((opened or {}).get("confirmationUrl", "")).rpartition("orderId=")[2]
        if not payment:
            return
        fails = self._random.random() < 0.15
        card = self._random.choice(_BAD if fails else _GOOD)
        await self._control("pay", {"payment_id": payment, "card": card, "save": saves})
        await self._control("settle", {})
        if fails:
            person.buys_in = 1  # tomorrow with another card
            return
        person.premium = True
        if saves and self._random.random() < 0.25:
            outcomes = [self._random.choice(_DECLINES), *self._random.choice((["ok"], ["insufficient_funds"] * 4))]
            await self._control("script", {"method_id": payment, "outcomes": outcomes})

    async def _talk(self, person: Person) -> None:
        models = _PREMIUM if person.premium else _FREE
        chat = await self._call(
            "POST", "/api/chat", person, {"title": "Разговор", "model": self._random.choice(models)}
        )
        if chat is None:
            return
        for _ in range(self._random.choice((1, 1, 2, 3))):
            text = f"/emulator text=count;tokens={person.expensive};speed=0;ttft_ms=0\nРасскажи ещё"
            async with self._session.post(
                f"{self._url}/api/chat/{chat['id']}/message", json={"content": text}, headers=person.headers
            ) as answer:
                await answer.read()

    async def _give_back(self) -> None:
        await self._sign_in(self._admin)
        paid = await self._call("GET", "/api/admin/payments?status=succeeded", self._admin) or []
        left = [payment for payment in paid if payment["refunded"] == 0 and payment["amount"] > 0]
        if left:
            payment = self._random.choice(left)
            body: dict[str, Any] = {"reason": "Попросил вернуть деньги"}
            if self._random.random() < 0.5:
                body = {"reason": "Сервис не работал день", "amount": round(payment["amount"] * 0.1, 2)}
            await self._call("POST", f"/api/admin/payments/{payment['id']}/refund", self._admin, body)

    async def _register(self, person: Person) -> None:
        body = {"email": person.email, "password": self._password, "fullName": person.email.partition("@")[0].title()}
        if await self._call("POST", "/api/auth/register", None, body) is None:
            print(f"  {person.email} is there already", flush=True)
        await self._sign_in(person)

    async def _sign_in(self, person: Person) -> None:
        body = {"email": person.email, "password": self._password}
        found = await self._call("POST", "/api/auth/login", None, body)
        person.headers = {"Authorization": f"Bearer {found['token']}"} if found else {}

    async def _call(self, method: str, path: str, who: Person | None, body: Mapping[str, Any] | None = None) -> Any:
        """The data, or None where it was refused: a story goes on."""
        headers = {**(who.headers if who is not None else {}), "Accept-Language": "ru"}
        async with self._session.request(method, self._url + path, json=body, headers=headers) as answer:
            return (await answer.json())["data"] if answer.status == 200 else None

    async def _control(self, name: str, body: Mapping[str, Any]) -> None:
        async with self._session.post(f"{self._kassa}/_emulator/{name}", json=body) as answer:
            await answer.read()

    async def _until_serving(self) -> None:
        async with asyncio.timeout(60):
            while True:
                try:
                    async with self._session.get(f"{self._url}/health"):
                        return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.1)


def beginning(days: int) -> datetime:
    """When it begins."""
    return datetime.now(UTC) - timedelta(days=days)


def new_password() -> str:
    return secrets.token_urlsafe(9)
