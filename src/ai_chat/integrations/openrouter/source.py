"""OpenRouter as a provider of models: its list with a check of the prices, and its answers.

Prices decide what a message costs the operator; a list is not believed blindly. A negative price once grew somebody's
balance instead of shrinking it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

import aiohttp
import msgspec
import structlog

from ai_chat.features.catalog.ports import ListedModel, Outage, SourceName
from ai_chat.features.usage.settling_later import Charge
from ai_chat.integrations.chat_completions.client import Target, stream_answer
from ai_chat.integrations.chat_completions.listing import believable_tokens, fetch_list, offerable_id
from ai_chat.integrations.chat_completions.transport import Transport
from ai_chat.integrations.openrouter.attempts import USUAL, Patience, answer
from ai_chat.integrations.openrouter.charges import charge_of
from ai_chat.integrations.openrouter.circuit import Circuit
from ai_chat.relay.upstream import AnswerSink, CompletionRequest, Upstream, UpstreamFailure

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
    input_modalities: list[str] | None = None
    output_modalities: list[str] | None = None


class _TopProvider(msgspec.Struct):
    context_length: int | None = None
    max_completion_tokens: int | None = None


class _Row(msgspec.Struct):
    id: str
    canonical_slug: str | None = None
    name: str | None = None
    context_length: int | None = None
    pricing: _Pricing | None = None
    architecture: _Architecture | None = None
    top_provider: _TopProvider | None = None


class OpenRouter:
    """Implements the catalogue's `ModelSource` and `Gate` and the relay's `Upstream`."""

    name: SourceName = "openrouter"

    def __init__(
        self, session: aiohttp.ClientSession, transport: Transport, target: Target, patience: Patience = USUAL
    ) -> None:
        self._session = session
        self._transport = transport
        self._target = target
        self._patience = patience
        self._circuit = Circuit()
        self._free: set[str] = set()
        """Models that cost nothing."""
        self._names: dict[str, str] = {}
        """Dated names that answers carry, and the ids that they stand for."""
        self._fallbacks_of: Callable[[str], Sequence[str]] = lambda _: ()
        self._on_stale: Callable[[], None] = lambda: None

    def consult(self, *, fallbacks_of: Callable[[str], Sequence[str]], on_stale: Callable[[], None]) -> None:
        """Who knows which models may stand in for another, and who reads the list again when one is gone."""
        self._fallbacks_of, self._on_stale = fallbacks_of, on_stale

    def outage(self, source: SourceName, model_id: str, *, free: bool) -> Outage | None:
        """Implements the catalogue's `Gate`."""
        return self._circuit.outage(free=free or model_id.endswith(":free")) if source == self.name else None

    @property
    def upstream(self) -> Upstream:
        return self

    async def complete(self, request: CompletionRequest, sink: AnswerSink) -> None:
        async def ask(models: Sequence[str], into: AnswerSink) -> None:
            extra = {**self._target.extra, "user": request.user, "session_id": request.conversation}
            if len(models) > 1:
                extra["models"] = list(models)  # tried in this order; the one that answers is charged
            target = replace(self._target, extra=extra)
            await stream_answer(self._transport, target, replace(request, model=models[0]), into)

        await answer(
            ask,
            [request.model, *self._fallbacks_of(request.model)],
            _Named(sink, self._names),
            source=self.name,
            usable=lambda model: self._circuit.outage(free=self._is_free(model)) is None,
            on_failure=self._failed,
            patience=self._patience,
        )
        self._circuit.answered(free=self._is_free(request.model))

    def _failed(self, failure: UpstreamFailure, model: str) -> None:
        self._circuit.failed(failure, free=self._is_free(model))
        if failure.kind == "gone":
            self._on_stale()

    def _is_free(self, model: str) -> bool:
        return model in self._free or model.endswith(":free")

    async def charge_of(self, answer_id: str) -> Charge | None:
        """Implements the ledger's `CostSource`."""
        return await charge_of(self._session, self._target, answer_id)

    async def list_models(self) -> Sequence[ListedModel]:
        rows = await fetch_list(self._session, self._target, _Row)
        listed = [found for row in rows if (found := _checked(row)) is not None]
        self._free = {row.id for row in listed if row.prompt_price == 0 and row.completion_price == 0}
        self._names = {row.canonical_slug: row.id for row in rows if row.canonical_slug}
        return listed


class _Named:
    """Passes an answer on; the model that wrote it is named by the id that it is listed under."""

    def __init__(self, sink: AnswerSink, names: Mapping[str, str]) -> None:
        self._sink = sink
        self._names = names
        self.text, self.reasoning, self.usage, self.finish = sink.text, sink.reasoning, sink.usage, sink.finish

    def answered_by(self, answer_id: str | None, model: str | None) -> None:
        self._sink.answered_by(answer_id, self._names.get(model, model) if model else None)


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
        vision=_sees(row.architecture),
    )


def _sees(architecture: _Architecture | None) -> bool | None:
    inputs = architecture.input_modalities if architecture else None
    return None if inputs is None else "image" in inputs


def _price(value: str | float | None) -> Decimal | None:
    """A believable price of one token, or None."""
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        return None
    return price if price.is_finite() and 0 <= price <= HIGHEST_PRICE else None
