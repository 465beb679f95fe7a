"""What the catalogue needs of a provider: its list of models, and the way to ask one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from ai_chat.features.catalog.shipped import Tier
from ai_chat.relay.upstream import Upstream

SourceName = Literal["openrouter", "openai_compatible", "local"]


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model as its provider lists it. Prices are US dollars for one token; None where the provider names none."""

    id: str
    name: str
    provider: str
    context_length: int | None = None
    max_output_tokens: int | None = None
    prompt_price: Decimal | None = None
    completion_price: Decimal | None = None
    tier: Tier | None = None
    """None: the catalogue decides."""
    note: str | None = None
    system_prompt: str | None = None
    """Used where the chat has none."""
    temperature: float | None = None
    """Used where the chat keeps the default."""
    prompt_budget: int | None = None
    """Most tokens of history that make sense to send."""
    vision: bool | None = None
    """Whether it sees images; None where the provider does not say."""


class SourceUnavailable(Exception):
    """The provider's list could not be read; the text says why, for the operator's log."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Why models cannot answer for a while, in words for people, and when they can again."""

    reason: str
    until: datetime


class Gate(Protocol):
    """Something that may keep models shut for a while: a provider that refuses us, a budget that is used up."""

    def outage(self, source: SourceName, model_id: str, *, free: bool) -> Outage | None:
        """Why this model must not be asked now; None where it may. Called for every model of a list: cheap.
        `free` says that it is known to cost the operator nothing.
        """


class ModelSource(Protocol):
    """One provider of models."""

    @property
    def name(self) -> SourceName: ...

    @property
    def upstream(self) -> Upstream: ...

    async def list_models(self) -> Sequence[ListedModel]:
        """All models it offers now, bad rows left out; SourceUnavailable where that cannot be known."""
