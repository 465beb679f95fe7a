"""A shop in a few lines: a naked client for the emulated YooKassa, and a receiver of its notifications."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from ai_chat.emulators.yookassa import Emulator

BACK = "https://shop.example/back"
_keys = count()


@dataclass
class Reply:
    """One answer as it came."""

    status: int
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


@dataclass
class YooShop:
    """Calls the API as a shop does."""

    emulator: Emulator
    session: aiohttp.ClientSession
    auth: str = ""

    def __post_init__(self) -> None:
        self.auth = aiohttp.encode_basic_auth(self.emulator.shop_id, self.emulator.secret_key)

    async def get(self, path: str, **query: str) -> Reply:
        url, headers = f"{self.emulator.base_url}{path}", {"Authorization": self.auth}
        async with self.session.get(url, params=query, headers=headers) as response:
            return Reply(response.status, await response.read())

    async def post(self, path: str, body: object = None, *, key: str | None = None, **headers: str) -> Reply:
        usual = {"Authorization": self.auth, "Content-Type": "application/json"}
        headers = {**usual, "Idempotence-Key": key or f"key-{next(_keys)}", **headers}
        data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        url = f"{self.emulator.base_url}{path}"
        async with self.session.post(url, data=data, headers=headers) as response:
            return Reply(response.status, await response.read())

    async def open(self, value: str = "990.00", **more: Any) -> dict[str, Any]:
        """A pending payment."""
        reply = await self.post("/payments", order(value, **more))
        assert reply.status == 200, reply.body
        return reply.json

    async def charge(self, method_id: str, value: str = "990.00") -> dict[str, Any]:
        body = {"amount": rub(value), "capture": True, "payment_method_id": method_id}
        return (await self.post("/payments", body)).json

    async def look(self, payment_id: str) -> dict[str, Any]:
        return (await self.get(f"/payments/{payment_id}")).json

    async def saved(self, **more: Any) -> str:
        """The id of a saved card."""
        payment = await self.open(save_payment_method=True)
        self.emulator.admin.pay(payment["id"], **more)
        return str(payment["id"])


def rub(value: str) -> dict[str, str]:
    return {"value": value, "currency": "RUB"}


def order(value: str = "990.00", **more: Any) -> dict[str, Any]:
    confirmation = {"type": "redirect", "return_url": BACK}
    return {"amount": rub(value), "capture": True, "confirmation": confirmation, "description": "Premium", **more}


@dataclass
class Inbox:
    """A shop's address for notifications. `statuses` are its next answers, 200 when there are none."""

    url: str = ""
    received: list[dict[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    peers: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    @property
    def events(self) -> list[str]:
        return [body["event"] for body in self.received]

    async def take(self, request: web.Request) -> web.Response:
        data = await request.read()
        self.raw.append(data)
        self.headers.append(dict(request.headers))
        self.peers.append(request.remote or "")
        try:
            self.received.append(json.loads(data))
        except ValueError:
            return web.Response(status=400)
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@asynccontextmanager
async def open_inbox() -> AsyncIterator[Inbox]:
    inbox, app = Inbox(), web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/hook", inbox.take)
    async with TestServer(app) as server:
        inbox.url = str(server.make_url("/hook"))
        yield inbox
