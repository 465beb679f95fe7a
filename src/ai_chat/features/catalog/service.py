"""The catalogue: the shipped table and the providers' lists, merged; and the way from a model's id to who answers."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import structlog

from ai_chat.features.catalog.ports import Gate, ListedModel, ModelSource, SourceName, SourceUnavailable
from ai_chat.features.catalog.shipped import SHIPPED, ShippedModel, Tier
from ai_chat.kernel.clock import Clock, system_clock
from ai_chat.kernel.errors import AppError, ErrorCode, UnavailableUntil
from ai_chat.relay.generation import Prices
from ai_chat.relay.upstream import Upstream

REFRESH_SECONDS = 3600.0
RETRY_SECONDS = 15.0
_ON_DEMAND_SECONDS = 10.0
"""Unknown ids cause at most one refresh in this time, however many are asked for."""
_DEFAULT_WINDOW = 8192
_MILLION = Decimal(1_000_000)
_SUCCESSORS = {row.id: row.successors for row in SHIPPED}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Model:
    """A model as the product offers it. Prices are US dollars for one token."""

    id: str
    name: str
    provider: str
    tier: Tier
    source: SourceName
    context_length: int
    max_output_tokens: int | None
    prompt_price: Decimal | None
    completion_price: Decimal | None
    served_by: str | None = None
    """The successor that answers in place of a retired id."""
    unavailable: str | None = None
    """Why it cannot answer, in words; None where it can."""
    available_at: datetime | None = None
    """When it can answer again, where it cannot for a while."""
    missing_setting: str | None = None
    """The setting that would make it available."""
    note: str | None = None
    system_prompt: str | None = None
    temperature: float | None = None
    prompt_budget: int | None = None
    vision: bool | None = None
    """Whether it sees images; None where nobody knows."""

    @property
    def free(self) -> bool:
        """Known to cost the operator nothing."""
        return self.source == "local" or (self.prompt_price == 0 and self.completion_price == 0)

    @property
    def prices(self) -> Prices | None:
        """None where nobody knows them."""
        if self.prompt_price is None or self.completion_price is None:
            return None
        return Prices(self.prompt_price, self.completion_price)

    def open_to(self, plan: Tier) -> bool:
        """Whether people on this plan may ask it."""
        return self.tier == "free" or plan == "premium"

    def must_be_open_to(self, plan: Tier) -> None:
        """MODEL_NOT_IN_PLAN where it is not."""
        if not self.open_to(plan):
            raise AppError(ErrorCode.MODEL_NOT_IN_PLAN, f"{self.name} needs the Premium plan.")

    @property
    def upstream_id(self) -> str:
        return self.served_by or self.id


class Catalog:
    """Knows every model. The lists of providers are read at start, every hour, and when an unknown id is asked for."""

    def __init__(
        self,
        sources: Sequence[ModelSource],
        gates: Sequence[Gate] = (),
        fallbacks: Sequence[str] = (),
        clock: Clock = system_clock,
    ) -> None:
        self._gates = gates
        self._fallbacks = fallbacks
        self._clock = clock
        self._stale = asyncio.Event()
        self._sources = {source.name: source for source in sources}
        self._listed: dict[SourceName, Sequence[ListedModel]] = {}
        self._refreshing: asyncio.Task[None] | None = None
        self._refreshed_at = float("-inf")
        self._take_models()

    def models(self) -> list[Model]:
        """All models: those that can answer first, then in the catalogue's order."""
        return sorted(map(self._now, self._models.values()), key=lambda model: model.unavailable is not None)

    async def find(self, model_id: str) -> Model:
        """The model of this id, after one refresh where it is unknown; MODEL_NOT_FOUND."""
        model = self._models.get(model_id)
        if model is None and asyncio.get_running_loop().time() - self._refreshed_at > _ON_DEMAND_SECONDS:
            await self.refresh()
            model = self._models.get(model_id)
        if model is None:
            raise AppError(ErrorCode.MODEL_NOT_FOUND, f"There is no model {model_id[:100]!r} in the catalogue.")
        return self._now(model)

    def known(self, model_id: str) -> Model | None:
        """The model of this id as far as it is known now."""
        model = self._models.get(model_id)
        return None if model is None else self._now(model)

    def _now(self, model: Model) -> Model:
        """The model with what keeps it shut at the moment."""
        if model.unavailable is None:
            for gate in self._gates:
                outage = gate.outage(model.source, model.upstream_id, free=model.free)
                if outage is not None:
                    return replace(model, unavailable=outage.reason, available_at=outage.until)
        return model

    def fallbacks_of(self, upstream_id: str) -> list[str]:
        """Which of OpenRouter's models may answer in place of this one: its successors, then those the operator names.
        None of a higher plan, and none that costs in place of one that does not.
        """
        asked = self._answered_by.get(upstream_id)
        if not asked:
            return []
        premium, free = all(model.tier == "premium" for model in asked), asked[0].free
        successors = [found for model in asked for found in _SUCCESSORS.get(model.id, ())]
        fallbacks = []
        for candidate in dict.fromkeys([*successors, *self._fallbacks]):
            model = self.known(candidate)
            if model is None or model.source != "openrouter" or model.unavailable is not None:
                continue
            if candidate != upstream_id and (premium or model.tier == "free") and (model.free or not free):
                fallbacks.append(model.upstream_id)
        return fallbacks

    def prices_of(self, upstream_id: str, source: str) -> tuple[Decimal, Decimal] | None:
        """What a token of the prompt and of the answer costs; None where nobody knows, or it costs nothing."""
        for model in self._answered_by.get(upstream_id, ()):
            if model.source == source:
                if model.free or model.prompt_price is None or model.completion_price is None:
                    return None
                return model.prompt_price, model.completion_price
        return None

    def refresh_soon(self) -> None:
        """A provider's list is no longer what it was: it is read again before its time."""
        self._stale.set()

    def upstream_of(self, model: Model) -> Upstream:
        """Who answers for this model; MODEL_UNAVAILABLE, saying what is missing and which models work."""
        source, model = self._sources.get(model.source), self._now(model)
        if model.unavailable is None and source is not None:
            return source.upstream
        working = [other.id for other in self.models() if other.unavailable is None][:5]
        hint = f" Models that work: {', '.join(working)}." if working else " No other model works either."
        words = f"{model.name} cannot answer: {model.unavailable}{hint}"
        if model.available_at is not None:
            raise UnavailableUntil(words, resets_at=model.available_at, now=self._clock())
        raise AppError(ErrorCode.MODEL_UNAVAILABLE, words)

    async def refresh(self) -> None:
        """Reads all providers' lists; callers at the same time share one reading."""
        if self._refreshing is None:
            self._refreshing = asyncio.create_task(self._refresh(), name="catalogue-refresh")
            self._refreshing.add_done_callback(self._refresh_done)
        await asyncio.shield(self._refreshing)

    async def keep_fresh(self) -> None:
        """Refreshes for ever; a task of the application's. A provider that was away is asked again soon, then less often."""
        pause = RETRY_SECONDS
        while True:
            failed = self._sources.keys() - self._listed.keys()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(pause, REFRESH_SECONDS) if failed else REFRESH_SECONDS):
                    await self._stale.wait()
            pause = pause * 2 if failed else RETRY_SECONDS
            self._stale.clear()
            if asyncio.get_running_loop().time() - self._refreshed_at > _ON_DEMAND_SECONDS or failed:
                await self.refresh()

    def _refresh_done(self, _task: asyncio.Task[None]) -> None:
        self._refreshing = None

    async def _refresh(self) -> None:
        await asyncio.gather(*(self._read_list(source) for source in self._sources.values()))
        self._refreshed_at = asyncio.get_running_loop().time()

    async def _read_list(self, source: ModelSource) -> None:
        """One provider's list, merged as soon as it is there: one that hangs hides no other."""
        try:
            self._listed[source.name] = await source.list_models()
        except SourceUnavailable as problem:
            log.warning("models could not be listed; the last list stays", source=source.name, reason=str(problem))
        except Exception:
            log.exception("listing models failed", source=source.name)
        self._take_models()

    def _take_models(self) -> None:
        self._models = self._merge()
        self._answered_by: dict[str, list[Model]] = {}
        """Which models the provider's model of this id answers for: asked with each message."""
        for model in self._models.values():
            self._answered_by.setdefault(model.upstream_id, []).append(model)

    def _merge(self) -> dict[str, Model]:
        """OpenRouter's models first, so that of two providers with the same id it keeps it."""
        merged: dict[str, Model] = {}
        listed = {row.id: row for row in self._listed.get("openrouter", ())}
        known = "openrouter" in self._listed
        for row in SHIPPED:
            merged[row.id] = self._shipped(row, listed, known=known)
        for name in ("openrouter", "openai_compatible", "local"):
            for found in self._listed.get(name, ()):
                if found.id not in merged or (name != "openrouter" and merged[found.id].unavailable is not None):
                    merged[found.id] = _offered(found, name)
        return merged

    def _shipped(self, row: ShippedModel, listed: dict[str, ListedModel], *, known: bool) -> Model:
        model = Model(
            id=row.id,
            name=row.name,
            provider=row.provider,
            tier=row.tier,
            source="openrouter",
            context_length=row.context_length,
            max_output_tokens=row.max_output_tokens,
            prompt_price=row.prompt_price / _MILLION,
            completion_price=row.completion_price / _MILLION,
        )
        if "openrouter" not in self._sources:
            return replace(
                model,
                unavailable="OPENROUTER_API_KEY is not set on this server.",
                missing_setting="OPENROUTER_API_KEY",
            )
        if not known:
            return model  # the list could not be read yet: the shipped facts are the best there are
        answering = next((listed[candidate] for candidate in (row.id, *row.successors) if candidate in listed), None)
        if answering is None:
            return replace(model, unavailable="OpenRouter does not offer it at the moment.")
        return replace(
            model,
            context_length=answering.context_length or row.context_length,
            max_output_tokens=answering.max_output_tokens or row.max_output_tokens,
            prompt_price=answering.prompt_price,
            completion_price=answering.completion_price,
            served_by=answering.id if answering.id != row.id else None,
            vision=answering.vision,
        )


def _offered(row: ListedModel, source: SourceName) -> Model:
    """A model that only its provider knows. What costs the operator nothing is open to everybody."""
    free = row.prompt_price == 0 and row.completion_price == 0
    return Model(
        id=row.id,
        name=row.name,
        provider=row.provider,
        tier=row.tier or ("free" if free else "premium"),
        source=source,
        context_length=row.context_length or _DEFAULT_WINDOW,
        max_output_tokens=row.max_output_tokens,
        prompt_price=row.prompt_price,
        completion_price=row.completion_price,
        note=row.note,
        system_prompt=row.system_prompt,
        temperature=row.temperature,
        prompt_budget=row.prompt_budget,
        vision=row.vision,
    )
