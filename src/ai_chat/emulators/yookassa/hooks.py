"""Notifications: what is sent, when, and every way in which sending goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp

from ai_chat.emulators.json_values import Json, JsonObject
from ai_chat.emulators.yookassa.shapes import encode

if TYPE_CHECKING:
    from ai_chat.emulators.yookassa.world import World

FIRST_SENDER = "185.71.76.1"
SCHEDULE = (10.0, 60.0, 300.0, 900.0, 1800.0, 3600.0)
"""Seconds between attempts; the last one repeats. The real ones are not published."""
LIFETIME = 24 * 3600.0
_PATIENCE = 30.0
KNOBS: dict[str, str] = {
    "source": "address that the notification says it comes from (default 185.71.76.1)",
    "header": "header that carries it, as a trusted proxy would add it (default X-Forwarded-For; empty: none)",
    "local_address": "address of this machine that the connection comes from, such as 127.0.0.9",
    "delay": "seconds before the first attempt",
    "duplicate": "copies of each notification beside the first, sent in parallel",
    "drop": "how many notifications are lost for ever; -1: all",
    "reorder": "how many notifications are held back, then sent in the opposite order",
    "before_answer": "true: delivered before the call that caused it has been answered",
    "ahead": "how many GETs still see the state before, after the notification was sent",
    "schedule": "seconds between redeliveries",
}


@dataclass(slots=True)
class Hooks:
    """The knobs of notifications."""

    source: str = FIRST_SENDER
    header: str = "X-Forwarded-For"
    local_address: str = ""
    delay: float = 0
    duplicate: int = 0
    drop: int = 0
    reorder: int = 0
    before_answer: bool = False
    ahead: int = 0
    schedule: tuple[float, ...] = SCHEDULE


@dataclass(slots=True, eq=False)
class Delivery:
    """One notification on its way. `answers` has the status of each attempt, 0 for none."""

    event: str
    object_id: str
    url: str
    body: bytes
    made: float
    due: float
    answers: list[int] = field(default_factory=list)
    flying: bool = False
    state: str = "waiting"
    """waiting | held | delivered | lost | given up"""

    def describe(self) -> JsonObject:
        answers: list[Json] = [*self.answers]
        return {"event": self.event, "object_id": self.object_id, "state": self.state, "answers": answers}


class Post:
    """Delivers notifications: each in a task of its own, so that a slow receiver holds up only its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.deliveries: list[Delivery] = []

    def reset(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        self.deliveries = []

    async def close(self) -> None:
        self.reset()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def notify(self, event: str, object_id: str, url: str, content: JsonObject) -> None:
        """Queue a notification, as the knobs will have it."""
        hooks, now = self._world.hooks, self._world.now()
        if not url:
            return
        body = encode({"type": "notification", "event": event, "object": content})
        for _ in range(1 + hooks.duplicate):
            self.deliveries.append(Delivery(event, object_id, url, body, now, now + hooks.delay))
        added = self.deliveries[-1 - hooks.duplicate :]
        if hooks.drop:
            hooks.drop = hooks.drop - 1 if hooks.drop > 0 else hooks.drop
            for delivery in added:
                delivery.state = "lost"
        elif hooks.reorder:
            for delivery in added:
                delivery.state = "held"
            held = [delivery for delivery in self.deliveries if delivery.state == "held"]
            if len(held) >= hooks.reorder * (1 + hooks.duplicate):
                self.release()
        self._world.wake.set()

    def release(self) -> None:
        """Send what was held back, newest first, one after the other."""
        held = [delivery for delivery in self.deliveries if delivery.state == "held"]
        for delivery in held:
            self.deliveries.remove(delivery)
            delivery.state = "waiting"
        self.deliveries.extend(reversed(held))

    def launch_due(self) -> None:
        """Begin every attempt that is due."""
        now = self._world.now()
        for delivery in self.deliveries:
            if delivery.state == "waiting" and not delivery.flying and delivery.due <= now:
                delivery.flying = True
                task = asyncio.create_task(self._attempt(delivery))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def next_due(self) -> float | None:
        return min((d.due for d in self.deliveries if d.state == "waiting" and not d.flying), default=None)

    async def settled(self) -> None:
        """Wait until nothing is on its way and nothing more is due now."""
        while True:
            self.launch_due()
            if not self._tasks:
                return
            await asyncio.wait(tuple(self._tasks))

    async def send(self, url: str, body: bytes, *, source: str | None = None) -> int:
        """POST this to the receiver, whatever it is; the status, or 0 where there was no answer."""
        hooks = self._world.hooks
        headers = {"Content-Type": "application/json", "User-Agent": "AHC/2.1"}
        if hooks.header:
            headers[hooks.header] = source or hooks.source
        if hooks.local_address:
            connector = aiohttp.TCPConnector(local_addr=(hooks.local_address, 0), force_close=True)
            async with aiohttp.ClientSession(connector=connector) as session:
                return await self._post(session, url, body, headers)
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True))
        return await self._post(self._session, url, body, headers)

    @staticmethod
    async def _post(session: aiohttp.ClientSession, url: str, body: bytes, headers: dict[str, str]) -> int:
        timeout = aiohttp.ClientTimeout(total=_PATIENCE)
        with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with session.post(
                url, data=io.BytesIO(body), headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return response.status
        return 0

    async def _attempt(self, delivery: Delivery) -> None:
        try:
            status = await self.send(delivery.url, delivery.body)
        finally:
            delivery.flying = False
        delivery.answers.append(status)
        schedule = self._world.hooks.schedule
        pause = schedule[min(len(delivery.answers), len(schedule)) - 1]
        delivery.due = max(self._world.now(), delivery.due) + pause
        if status == 200:
            delivery.state = "delivered"
        elif delivery.due - delivery.made > LIFETIME:
            delivery.state = "given up"
        self._world.wake.set()
