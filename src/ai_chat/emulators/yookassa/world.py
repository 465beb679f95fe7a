"""Everything the emulator remembers, in one object that can be forgotten at once, and its clock."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ai_chat.emulators.serving import RecordedRequest
from ai_chat.emulators.yookassa.faults import FaultQueue
from ai_chat.emulators.yookassa.hooks import Hooks, Post
from ai_chat.emulators.yookassa.idempotence import KeyStore
from ai_chat.emulators.yookassa.payments import FiscalReceipt, Method, Payment, Refund
from ai_chat.emulators.yookassa.shops import Shop

_J2000 = 946_728_000
"""Ids begin with the seconds since 2000-01-01T12:00:00Z."""
_REMEMBERED_REQUESTS = 1000


@dataclass(slots=True)
class Habits:
    """How long things take, and how often a person may try."""

    page_attempts: int = 1
    """Declined cards before a payment is canceled."""
    receipt_seconds: float = 5
    receipt_fails: bool = False
    refund_seconds: float = 0
    refund_reason: str | None = None
    """Why every refund is canceled, if it is."""
    sbp_refund_seconds: float = 24 * 3600
    charge_seconds: float = 5
    """How long the answer `pending` of a charge without its owner lasts."""


@dataclass(slots=True)
class World:
    """The state of one emulator. `offset` is how far its clock was turned forward."""

    clock: Callable[[], float]
    first_shop: Callable[[], Shop]
    seed: int = 0
    origin: str = ""
    offset: float = 0
    shops: dict[str, Shop] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    methods: dict[str, Method] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    receipts: dict[str, FiscalReceipt] = field(default_factory=dict)
    keys: KeyStore = field(default_factory=KeyStore)
    faults: FaultQueue = field(default_factory=FaultQueue)
    hooks: Hooks = field(default_factory=Hooks)
    habits: Habits = field(default_factory=Habits)
    requests: deque[RecordedRequest] = field(default_factory=lambda: deque(maxlen=_REMEMBERED_REQUESTS))
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    post: Post = field(init=False)
    random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.post = Post(self)
        self.reset()

    def reset(self) -> None:
        """As after the start."""
        self.post.reset()
        shop = self.first_shop()
        self.shops = {shop.id: shop}
        for memory in (self.payments, self.methods, self.refunds, self.receipts):
            memory.clear()
        self.keys, self.faults = KeyStore(), FaultQueue()
        self.hooks, self.habits = Hooks(), Habits()
        self.requests.clear()
        self.offset = 0
        self.random = random.Random(self.seed or None)

    def now(self) -> float:
        return self.clock() + self.offset

    def today(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def new_id(self) -> str:
        seconds = max(0, int(self.now()) - _J2000) & 0xFFFF_FFFF
        return f"{seconds:08x}-000f-5000-8{self.random.getrandbits(12):03x}-{self.random.getrandbits(48):012x}"
