"""A second upstream: its models are offered in one tier, their prices unknown."""

from collections.abc import Sequence

import aiohttp
import msgspec

from ai_chat.features.catalog.ports import ListedModel, SourceName, SourceUnavailable
from ai_chat.features.catalog.shipped import Tier
from ai_chat.integrations.chat_completions.client import Target, stream_answer
from ai_chat.integrations.chat_completions.listing import believable_tokens, fetch_list, offerable_id
from ai_chat.integrations.chat_completions.transport import Transport
from ai_chat.relay.upstream import AnswerSink, CompletionRequest, Upstream


class _Row(msgspec.Struct):
    id: str
    owned_by: str | None = None
    context_length: int | None = None
    max_model_len: int | None = None  # vLLM's name for it


class OpenAiCompatible:
    """Implements the catalogue's `ModelSource` and the relay's `Upstream`."""

    name: SourceName = "openai_compatible"

    def __init__(self, session: aiohttp.ClientSession, transport: Transport, target: Target, tier: Tier) -> None:
        self._session = session
        self._transport = transport
        self._target = target
        self._tier: Tier = tier

    @property
    def upstream(self) -> Upstream:
        return self

    async def complete(self, request: CompletionRequest, sink: AnswerSink) -> None:
        await stream_answer(self._transport, self._target, request, sink)

    async def list_models(self) -> Sequence[ListedModel]:
        rows = await fetch_list(self._session, self._target, _Row)
        if not rows:
            raise SourceUnavailable("the server lists no models")
        return [
            ListedModel(
                id=row.id,
                name=row.id,
                provider=row.owned_by or "OpenAI-compatible server",
                context_length=believable_tokens(row.context_length) or believable_tokens(row.max_model_len),
                tier=self._tier,
            )
            for row in rows
            if offerable_id(row.id)
        ]
