"""Everything the emulator remembers, in one object that can be forgotten at once."""

from __future__ import annotations

import asyncio
import random
import string
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ai_chat.emulators.openrouter.accounts import Accounts
from ai_chat.emulators.openrouter.catalogue import Catalogue
from ai_chat.emulators.openrouter.faults import FaultQueue
from ai_chat.emulators.openrouter.generations import Generations
from ai_chat.emulators.serving import RecordedRequest

_ALPHABET = string.ascii_letters + string.digits
_REMEMBERED_REQUESTS = 1000


@dataclass(slots=True)
class World:
    """The state of one emulator. `clock` is seconds since the epoch; `offset` is how far it was turned forward."""

    clock: Callable[[], float]
    seed: int = 0
    initial_knobs: dict[str, str] = field(default_factory=dict)
    knobs: dict[str, str] = field(default_factory=dict)
    catalogue: Catalogue = field(default_factory=Catalogue)
    accounts: Accounts = field(default_factory=Accounts)
    generations: Generations = field(default_factory=Generations)
    faults: FaultQueue = field(default_factory=FaultQueue)
    requests: deque[RecordedRequest] = field(default_factory=lambda: deque(maxlen=_REMEMBERED_REQUESTS))
    offset: float = 0.0
    max_body: int = 64 * 1024 * 1024
    speaking: set[asyncio.Task[object]] = field(default_factory=set)
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.quiet.set()
        self.reset()

    def reset(self) -> None:
        """Forget everything but the streams that are running, which end by themselves."""
        self.knobs = dict(self.initial_knobs)
        self.catalogue = Catalogue()
        self.accounts = Accounts()
        self.generations = Generations()
        self.faults = FaultQueue()
        self.requests.clear()
        self.offset = 0.0
        self.random = random.Random(self.seed)

    def now(self) -> float:
        return self.clock() + self.offset

    def new_id(self) -> str:
        """`gen-<unix seconds>-<20 letters and digits>`."""
        return f"gen-{int(self.now())}-{''.join(self.random.choices(_ALPHABET, k=20))}"

    def enter(self, task: asyncio.Task[object]) -> None:
        """A request has begun to be answered."""
        self.speaking.add(task)
        self.quiet.clear()

    def leave(self, task: asyncio.Task[object]) -> None:
        self.speaking.discard(task)
        if not self.speaking:
            self.quiet.set()
