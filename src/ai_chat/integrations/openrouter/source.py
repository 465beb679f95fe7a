"""OpenRouter as a provider of models: its list with a check of the prices, and its answers.

Prices decide what a message costs the operator; a list is not believed blindly. A negative price once grew somebody's
balance instead of shrinking it.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

import aiohttp
import msgspec
import structlog

from ai_chat.features.catalog.ports import ListedModel, SourceName
from ai_chat.integrations.chat_completions.client import Target, stream_answer
from ai_chat.integrations.chat_completions.listing import believable_tokens, fetch_list, offerable_id
from ai_chat.integrations.chat_completions.transport import Transport
from ai_chat.relay.upstream import AnswerSink, CompletionRequest, Upstream

HIGHEST_PRICE = Decimal("0.002")
"""US dollars a token, 2,000 a million: three times the dearest model there has ever been."""
_PROVIDERS = {
    "openai": "OpenAI", "anthropic": "Anthropic", "google": "Google", "meta-llama": "Meta", "deepseek": "DeepSeek",
    "x-ai": "xAI", "qwen": "Qwen", "moonshotai": "Moonshot AI", "z-ai": "Z.AI", "minimax": "MiniMax",
    "mistralai": "Mistral AI", "openrouter": "OpenRouter",
}  # fmt: skip

log = structlog.get_logger()


class _Pricing(msgspec.Struct):
    prompt: str | float | None = None
    completion: str | float | None = None


class _Architecture(msgspec.Struct):
    output_modalities: list[str] | None = None


class _TopProvider(msgspec.Struct):
    context_length: int | None = None
    max_completion_tokens: int | None = None


class _Row(msgspec.Struct):
    id: str
    name: str | None = None
    context_length: int | None = None
    pricing: _Pricing | None = None
    architecture: _Architecture | None = None
    top_provider: _TopProvider | None = None


class OpenRouter:
    """Implements the catalogue's `ModelSource` and the relay's `Upstream`."""

    name: SourceName = "openrouter"

    def __init__(self, session: aiohttp.ClientSession, transport: Transport, target: Target) -> None:
        self._session = session
        self._transport = transport
        self._target = target

    @property
    def upstream(self) -> Upstream:
        return self

    async def complete(self, request: CompletionRequest, sink: AnswerSink) -> None:
        target = replace(
            self._target, extra={**self._target.extra, "user": request.user, "session_id": request.conversation}
        )
        await stream_answer(self._transport, target, request, sink)

    async def list_models(self) -> Sequence[ListedModel]:
        rows = await fetch_list(self._session, self._target, _Row)
        return [listed for row in rows if (listed := _checked(row)) is not None]


def _checked(row: _Row) -> ListedModel | None:
    """The row as the catalogue takes it; None, and a line in the log, where it must not be offered."""
    if not offerable_id(row.id):
        return None
    outputs = row.architecture.output_modalities if row.architecture else None
    if outputs is not None and "text" not in outputs:
        return None
    pricing = row.pricing or _Pricing()
    prompt, completion = _price(pricing.prompt), _price(pricing.completion)
    if prompt is None or completion is None:
        log.warning(
            "model not offered: its price is missing, negative or absurd",
            model=row.id,
            prompt=str(pricing.prompt),
            completion=str(pricing.completion),
        )
        return None
    top = row.top_provider or _TopProvider()
    vendor = row.id.partition("/")[0].lstrip("~")
    display = (row.name or row.id).partition(": ")
    return ListedModel(
        id=row.id,
        name=(display[2] or display[0])[:100],
        provider=_PROVIDERS.get(vendor, display[0] if display[2] else vendor)[:60],
        context_length=believable_tokens(top.context_length) or believable_tokens(row.context_length),
        max_output_tokens=believable_tokens(top.max_completion_tokens),
        prompt_price=prompt,
        completion_price=completion,
    )


def _price(value: str | float | None) -> Decimal | None:
    """A believable price of one token, or None."""
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        return None
    return price if price.is_finite() and 0 <= price <= HIGHEST_PRICE else None
