"""A model source whose list a test decides."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

from ai_chat.features.catalog.ports import ListedModel, SourceName, SourceUnavailable
from ai_chat.features.catalog.shipped import Tier
from ai_chat.relay.upstream import Upstream
from tests.unit.relay_fakes import ScriptedUpstream, saying


class ListSource:
    """A `ModelSource`. `rows` None means that the list cannot be read; an exception is raised as it is."""

    def __init__(self, name: SourceName, *rows: ListedModel) -> None:
        self._name = name
        self.rows: Sequence[ListedModel] | BaseException | None = rows
        self.reads = 0
        self.open = asyncio.Event()
        self.open.set()
        self.speaker: ScriptedUpstream = saying(name)

    @property
    def name(self) -> SourceName:
        return self._name

    @property
    def upstream(self) -> Upstream:
        return self.speaker

    async def list_models(self) -> Sequence[ListedModel]:
        self.reads += 1
        await self.open.wait()
        if self.rows is None:
            raise SourceUnavailable("away")
        if isinstance(self.rows, BaseException):
            raise self.rows
        return self.rows


def row(
    model_id: str,
    price: str | None = "0.000001",
    *,
    window: int | None = 1000,
    output: int | None = None,
    tier: Tier | None = None,
) -> ListedModel:
    return ListedModel(
        id=model_id,
        name=f"Name of {model_id}",
        provider="Provider",
        context_length=window,
        max_output_tokens=output,
        prompt_price=None if price is None else Decimal(price),
        completion_price=None if price is None else Decimal(price),
        tier=tier,
    )
