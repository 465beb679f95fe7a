"""The embedded model as a provider: always there, free, small."""

from collections.abc import Sequence
from decimal import Decimal

import structlog

from ai_chat.features.catalog.ports import ListedModel, SourceName
from ai_chat.integrations.chat_completions.client import Target, stream_answer
from ai_chat.integrations.chat_completions.transport import Transport
from ai_chat.integrations.local_model.machine import LocalModelUnavailable
from ai_chat.integrations.local_model.supervisor import Endpoint, LocalModelServer
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import AnswerSink, CompletionRequest, Upstream, UpstreamFailure

log = structlog.get_logger()


class _Watched:
    """Passes on to the sink and remembers whether anything has arrived."""

    def __init__(self, sink: AnswerSink) -> None:
        self.begun = False
        self._sink = sink
        self.reasoning, self.usage, self.finish = sink.reasoning, sink.usage, sink.finish

    def answered_by(self, answer_id: str | None, model: str | None) -> None:
        """Its server calls the model by a file's name, which tells nobody anything."""

    def text(self, piece: str) -> None:
        self.begun = True
        self._sink.text(piece)


class LocalModel:
    """Implements the catalogue's `ModelSource` and the relay's `Upstream`."""

    name: SourceName = "local"

    def __init__(self, transport: Transport, server: LocalModelServer) -> None:
        self._transport = transport
        self._server = server

    @property
    def upstream(self) -> Upstream:
        return self

    async def list_models(self) -> Sequence[ListedModel]:
        profile = self._server.profile
        return [
            ListedModel(
                id=profile.id,
                name=profile.name,
                provider="Built in",
                context_length=profile.context_tokens,
                max_output_tokens=profile.answer_tokens,
                prompt_price=Decimal(0),
                completion_price=Decimal(0),
                tier="free",
                note=profile.note,
                system_prompt=profile.system_prompt,
                temperature=profile.temperature,
                prompt_budget=profile.prompt_tokens,
                vision=False,
            )
        ]

    async def complete(self, request: CompletionRequest, sink: AnswerSink) -> None:
        """Starts the child on first use. A child that died unnoticed is replaced once, if nothing had arrived yet."""
        watched = _Watched(sink)
        endpoint = await self._endpoint()
        try:
            await stream_answer(self._transport, self._target(endpoint), request, watched)
        except UpstreamFailure as failure:
            if watched.begun or failure.code is not ErrorCode.UPSTREAM_DISCONNECTED:
                raise
            log.info("the embedded model's process is replaced", reason=failure.detail)
            endpoint = await self._endpoint(instead_of=endpoint)
            await stream_answer(self._transport, self._target(endpoint), request, watched)

    def _target(self, endpoint: Endpoint) -> Target:
        profile = self._server.profile
        return Target(endpoint.base_url, endpoint.api_key, extra={"top_p": profile.top_p, **profile.request_fields})

    async def _endpoint(self, *, instead_of: Endpoint | None = None) -> Endpoint:
        try:
            return await self._server.endpoint(instead_of=instead_of)
        except LocalModelUnavailable as problem:
            raise UpstreamFailure(ErrorCode.UPSTREAM_UNAVAILABLE, str(problem), retryable=True) from problem
