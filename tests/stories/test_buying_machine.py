"""Buying under any order of clicks, payments, lost and doubled notifications, faults, restarts and months gone by.

Beside the product runs only the provider's own record of what was paid. After every run: each captured payment was granted
once or given back, nobody is on Premium without a grant, nothing was charged after a cancellation, and the books balance.
"""

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.emulators import openrouter, yookassa
from ai_chat.emulators.yookassa.cards import CARDS
from ai_chat.features.billing.models import Grant, Payment
from tests.buying import Till, open_product
from tests.product import PASSWORD, Api, TravelClock

Result = TypeVar("Result")
FAULTS = ("500_after", "500_before", "reset_after", "reset_before", "html502_after", "429", "202_after", "truncated")
HOOKS: tuple[dict[str, Any], ...] = (
    {"duplicate": 2}, {"drop": 1}, {"reorder": 2}, {"delay": 3600}, {"before_answer": True}, {"ahead": 2}, {},
)  # fmt: skip
OUTCOMES = ("ok", "insufficient_funds", "call_issuer", "permission_revoked", "pending", "pending:general_decline")
QUIET: dict[str, Any] = {"duplicate": 0, "drop": 0, "reorder": 0, "delay": 0, "before_answer": False, "ahead": 0}


class BuyingMachine(RuleBasedStateMachine):
    """Two people, one shop, one provider."""

    till: Till
    people: list[Api]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.outside, self.inside = AsyncExitStack(), AsyncExitStack()
        self.canceled: dict[UUID, float] = {}

    def run(self, work: Coroutine[object, object, Result]) -> Result:
        return self.runner.run(work)

    @initialize()
    def open(self) -> None:
        async def begin() -> None:
            self.models = await self.outside.enter_async_context(await openrouter.start(environ={}))
            self.kassa = await self.outside.enter_async_context(await yookassa.start(environ={}, seed=1))
            self.kassa.admin.set_time(TravelClock()())
            await self._start()
            self.people = [await self.till.product.user() for _ in range(2)]

        self.run(begin())

    async def _start(self) -> None:
        opened = open_product(Path(self.folder.name), self.models, self.kassa)
        self.till = await self.inside.enter_async_context(opened)

    async def _signed_in(self, who: int) -> Api:
        """Tokens do not live as long as these stories."""
        person = self.people[who]
        credentials = {"email": person.user["email"], "password": PASSWORD}
        person.token = (await self.till.product.anonymous.post("/api/auth/login", credentials)).data["token"]
        return person

    async def _ask(self, who: int, path: str) -> bool:
        answer = await (await self._signed_in(who)).post(path)
        assert answer.status in (200, 404, 409), answer.text
        return answer.status == 200

    @rule(who=st.integers(0, 1), period=st.sampled_from(["month", "year"]), save=st.booleans())
    def click(self, who: int, period: str, save: bool) -> None:
        wish = {"plan": "premium", "period": period, "saveMethod": save}

        async def twice() -> None:
            person = await self._signed_in(who)
            calls = (person.post("/api/subscription/checkout", wish) for _ in range(2))
            for answer in await asyncio.gather(*calls):
                assert answer.status in (200, 409, 502, 503), answer.text

        self.run(twice())

    @rule(which=st.integers(0, 3), card=st.sampled_from(["5555555555554444", *CARDS]), save=st.booleans())
    def pay(self, which: int, card: str, save: bool) -> None:
        waiting = [p for p in self.kassa.admin.payments() if p.status == "pending" and p.confirmation]
        if waiting:
            payment = waiting[which % len(waiting)]
            self.run(self._paid(payment.id, card, save=save))

    async def _paid(self, payment_id: str, card: str, *, save: bool) -> None:
        self.kassa.admin.pay(payment_id, card=card, expiry="12/60", save=save)
        await self.till.work()

    @rule(how_far=st.sampled_from([{"seconds": 30}, {"hours": 1}, {"days": 1}, {"days": 7}, {"days": 29}]))
    def time_passes(self, how_far: dict[str, float]) -> None:
        self.run(self.till.travel(**how_far))

    @rule(knobs=st.sampled_from(HOOKS))
    def notifications_go_wrong(self, knobs: dict[str, Any]) -> None:
        async def change() -> None:
            self.kassa.admin.hooks(**{**QUIET, **knobs})
            self.kassa.admin.release()

        self.run(change())

    @rule(fault=st.sampled_from(FAULTS), method=st.sampled_from(["POST", "GET"]))
    def a_call_will_fail(self, fault: str, method: str) -> None:
        self.kassa.admin.fault(fault, method=method, path="*")

    @rule(which=st.integers(0, 3), outcomes=st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=4))
    def a_bank_changes_its_mind(self, which: int, outcomes: list[str]) -> None:
        saved = [method for method in self.kassa.admin.methods() if method.saved]
        if saved:
            self.kassa.admin.script(saved[which % len(saved)].id, *outcomes)

    @rule(who=st.integers(0, 1))
    def cancel(self, who: int) -> None:
        if self.run(self._ask(who, "/api/subscription/cancel")):
            self.canceled[UUID(self.people[who].user["id"])] = self.kassa.admin.now().timestamp()

    @rule(who=st.integers(0, 1))
    def resume(self, who: int) -> None:
        if self.run(self._ask(who, "/api/subscription/resume")):
            self.canceled.pop(UUID(self.people[who].user["id"]), None)

    @rule(which=st.integers(0, 5))
    def somebody_forges(self, which: int) -> None:
        payments = self.kassa.admin.payments()
        if payments:
            content = {**payments[which % len(payments)].describe(), "status": "succeeded", "paid": True}
            self.run(self.kassa.admin.forge("payment.succeeded", content, source="185.71.76.1"))

    @rule()
    def the_server_restarts(self) -> None:
        async def restart() -> None:
            tokens = [(person.token, person.user) for person in self.people]
            await self.inside.aclose()
            await self._start()
            session, url = self.till.product.session, self.till.product.url
            self.people = [Api(session, url, token, user) for token, user in tokens]

        self.run(restart())

    def teardown(self) -> None:
        try:
            if hasattr(self, "people"):
                self.run(self._calm_down())
                self._check(*self.run(self.till.product.database.read(_books)))
                assert self.run(self.till.complaints()) == []
        finally:
            self.run(self.inside.aclose())
            self.run(self.outside.aclose())
            self.runner.close()
            self.folder.cleanup()

    async def _calm_down(self) -> None:
        """Nothing goes wrong any more, and there is time enough."""
        self.kassa.admin.clear_faults()
        self.kassa.admin.hooks(**QUIET)
        self.kassa.admin.release()
        for _ in range(8):
            await self.till.travel(hours=1)

    def _check(self, payments: dict[str, tuple[UUID, int, int]], granted: Counter[UUID]) -> None:
        for paid in self.kassa.admin.payments():
            if paid.status == "succeeded":
                ours, amount, refunded = payments[paid.id]
                assert paid.refunded == refunded
                assert granted[ours] == 1 or refunded == amount, f"{paid.id} was neither granted nor given back"
                assert granted[ours] <= 1
        for user, moment in self.canceled.items():
            late = [
                p for p in self.kassa.admin.payments()
                if p.customer == str(user) and not p.confirmation and p.created > moment and p.status == "succeeded"
            ]  # fmt: skip
            assert all(p.refunded == p.amount for p in late), "charged after a cancellation"


def _books(session: Session) -> tuple[dict[str, tuple[UUID, int, int]], Counter[UUID]]:
    payments = session.scalars(select(Payment).where(Payment.provider_id.is_not(None))).all()
    granted = Counter(session.scalars(select(Grant.payment_id).where(Grant.payment_id.is_not(None))).all())
    return (
        {str(payment.provider_id): (payment.id, payment.amount, payment.refunded) for payment in payments},
        Counter({payment_id: number for payment_id, number in granted.items() if payment_id is not None}),
    )


TestBuying = BuyingMachine.TestCase
TestBuying.settings = settings(
    max_examples=300 if os.environ.get("SOAK") else 5,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
