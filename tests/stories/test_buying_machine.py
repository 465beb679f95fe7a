"""Buying under any order of clicks, payments, lost and doubled notifications, faults, refunds, promo codes, trials, crashes
between any two commits, and months gone by. After every run: each captured payment was granted once or given back, nobody is on Premium without a grant, nothing was charged after a cancellation, no period was paid twice, a
promo code was used as often as it says and a trial given once, and the books balance.
"""

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from math import inf
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.commands import money
from ai_chat.emulators import openrouter, yookassa
from ai_chat.emulators.yookassa.cards import CARDS
from ai_chat.emulators.yookassa.failures import Failure
from ai_chat.features.billing.models import Payment
from ai_chat.features.billing.prices import set_price
from ai_chat.kernel.errors import AppError
from tests.buying import Till, open_product
from tests.product import PASSWORD, Api, TravelClock
from tests.stories.money_books import Books, books_of, power_until

pytestmark = pytest.mark.timeout(600)
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
            for code, gives in (("HALF", {"percent": 50}), ("WEEK", {"days": 7})):
                offer = {"percent": 0, "roubles": 0, "days": 0, "uses": 3, "period": None, "until": None, **gives}
                await money.add_promo(self.till.product.database, code, **offer)  # type: ignore[arg-type]

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

    async def _ask(self, who: int, path: str, body: Any = None) -> bool:
        answer = await (await self._signed_in(who)).post(path, body)
        assert answer.status in (200, 404, 409, 502, 503), answer.text
        return answer.status == 200

    @rule(who=st.integers(0, 1), period=st.sampled_from(["month", "year"]), save=st.booleans())
    def click(self, who: int, period: str, save: bool) -> None:
        self.run(self._click(who, {"plan": "premium", "period": period, "saveMethod": save}))

    @rule(who=st.integers(0, 1), code=st.sampled_from(["HALF", "WEEK"]), save=st.booleans())
    def click_with_a_promo_code(self, who: int, code: str, save: bool) -> None:
        self.run(self._click(who, {"plan": "premium", "promoCode": code, "saveMethod": save}))

    async def _click(self, who: int, wish: dict[str, Any]) -> None:
        """Twice, as impatient people do."""
        person = await self._signed_in(who)
        calls = (person.post("/api/subscription/checkout", wish) for _ in range(2))
        for answer in await asyncio.gather(*calls):
            assert answer.status in (200, 400, 409, 502, 503), answer.text

    @rule(month=st.sampled_from([990, 1190]), year=st.sampled_from([0, 9900]), days=st.sampled_from([0, 7]))
    def prices_change(self, month: int, year: int, days: int) -> None:
        now = self.till.now

        def change(session: Session) -> None:
            set_price(session, month=month, year=year, trial_days=days, actor="operator", now=now)

        self.run(self.till.product.database.write(change))

    @rule(who=st.integers(0, 1), period=st.sampled_from(["month", "year"]))
    def change_the_period(self, who: int, period: str) -> None:
        self.run(self._ask(who, "/api/subscription/period", {"period": period}))

    @rule(who=st.integers(0, 1))
    def ask_for_another_card(self, who: int) -> None:
        self.run(self._ask(who, "/api/subscription/payment-method"))

    @rule(which=st.integers(0, 3))
    def confirm_a_card(self, which: int) -> None:
        waiting = [method for method in self.kassa.admin.methods() if method.status == "pending"]
        if waiting:
            self.kassa.admin.bind(waiting[which % len(waiting)].id, expiry="12/60")
            self.run(self.till.work())

    @rule(who=st.integers(0, 1))
    def remove_the_card(self, who: int) -> None:
        async def remove() -> None:
            answer = await (await self._signed_in(who)).delete("/api/subscription/payment-method")
            assert answer.status in (200, 404), answer.text

        self.run(remove())

    @rule(which=st.integers(0, 5), part=st.sampled_from([None, 100, 33_333]), cabinet=st.booleans())
    def money_goes_back(self, which: int, part: int | None, cabinet: bool) -> None:
        paid = [p for p in self.kassa.admin.payments() if p.status == "succeeded" and p.amount > p.refunded]
        if not paid:
            return
        payment = paid[which % len(paid)]
        if cabinet:
            with suppress(Failure):  # more than is left
                self.kassa.admin.refund(payment.id, part)
        else:
            self.run(self._refund(payment.id, part))
        self.run(self.till.work())

    async def _refund(self, provider_id: str, part: int | None) -> None:
        query = select(Payment.id).where(Payment.provider_id == provider_id)
        known = await self.till.product.database.read(lambda session: session.scalar(query))
        selling = self.till.billing.selling
        assert selling is not None
        if known is not None:
            with suppress(AppError):  # REFUND_NOT_POSSIBLE
                await selling.refunds.request(known, part, "The machine asks", "admin")

    @rule(who=st.integers(0, 1), which=st.integers(0, 3), commits=st.integers(0, 7), paying=st.booleans())
    def the_power_fails(self, who: int, which: int, commits: int, paying: bool) -> None:
        """After some commits nothing more reaches the database, in the middle of whatever was going on. Then it starts again."""
        waiting = [p for p in self.kassa.admin.payments() if p.status == "pending" and p.confirmation]

        async def fail() -> None:
            person = await self._signed_in(who)
            with power_until(self.till.product.database, commits):
                await work(person)

        async def work(person: Api) -> None:
            if paying and waiting:
                await self._paid(waiting[which % len(waiting)].id, "5555555555554444", save=True)
            else:
                await person.post("/api/subscription/checkout", {"plan": "premium", "saveMethod": True})
                await self.till.work()

        self.run(fail())
        self._restart()

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
        self._restart()

    def _restart(self) -> None:
        async def restart() -> None:
            tokens = [(person.token, person.user) for person in self.people]
            await self.inside.aclose()
            await self._start()
            product = self.till.product
            self.people = [Api(product.session, product.url, token, user) for token, user in tokens]

        self.run(restart())

    def teardown(self) -> None:
        try:
            if hasattr(self, "people"):
                self.run(self._calm_down())
                self._check(self.run(self.till.product.database.read(books_of)))
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

    def _check(self, books: Books) -> None:
        assert books.trials <= 1, "a trial was given twice"
        assert books.uses == books.used, "a promo code counts other uses than there are"
        kept: Counter[tuple[object, object]] = Counter()
        for paid in self.kassa.admin.payments():
            if paid.status != "succeeded":
                continue
            known = books.payments[paid.id]
            granted = books.granted[known.id]
            assert (known.amount, known.refunded) == (paid.amount, paid.refunded)
            assert granted == 1 or known.refunded == known.amount, f"{paid.id} was neither granted nor given back"
            assert granted <= 1
            if known.period is not None and known.refunded < known.amount:
                kept[known.period] += 1
        assert all(count == 1 for count in kept.values()), "a period was paid twice"
        for user, moment in self.canceled.items():
            self._check_canceled(str(user), moment)

    def _check_canceled(self, user: str, canceled: float) -> None:
        """No charge without the person, from their cancellation until they pay by themselves again."""
        theirs = [p for p in self.kassa.admin.payments() if p.customer == user and p.status == "succeeded"]
        again = min(
            (p.captured or p.created for p in theirs if p.confirmation and (p.captured or 0) > canceled), default=inf
        )
        late = [p for p in theirs if not p.confirmation and canceled < p.created < again]
        assert all(p.refunded == p.amount for p in late), "charged after a cancellation"


TestBuying = BuyingMachine.TestCase
TestBuying.settings = settings(
    max_examples=int(os.environ.get("MACHINE") or (300 if os.environ.get("SOAK") else 4)),
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
