"""Going on with an answer that was broken off, with models that can go on from their own words and with those that cannot.

Many models take a conversation that ends with an answer as one to be completed. Some do not, and some providers refuse it:
they are asked in words to go on. Some repeat what they were given before they go on: that is taken out again, so that what
is streamed is the continuation and nothing else.
"""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from ai_chat.features.catalog.service import Model
from ai_chat.kernel.tokens import MESSAGE_OVERHEAD, estimate_tokens
from ai_chat.relay.upstream import AnswerSink, CompletionRequest, PromptMessage, Upstream, UpstreamFailure, Usage

INSTRUCTION = (
    "Continue exactly where you stopped. Reply with nothing but the rest of your answer, in the same language and format:"
    " repeat none of it, and comment on nothing."
)
INSTRUCTION_TOKENS = estimate_tokens(INSTRUCTION) + MESSAGE_OVERHEAD
_COMPLETE_THEIR_OWN_WORDS = ("anthropic/", "deepseek/", "meta-llama/", "mistralai/", "moonshotai/", "qwen/")
_SHORTEST_ECHO = 12
"""Shorter texts are too easily written twice on purpose."""

log = structlog.get_logger()


def continuing(upstream: Upstream, model: Model) -> Upstream:
    """An upstream for requests whose last message is the answer to be continued."""
    completes = model.source == "local" or model.upstream_id.startswith(_COMPLETE_THEIR_OWN_WORDS)
    return _Continuing(upstream, completes=completes)


class _Continuing:
    """Implements the relay's `Upstream`."""

    def __init__(self, upstream: Upstream, *, completes: bool) -> None:
        self._upstream = upstream
        self._completes = completes

    async def complete(self, request: CompletionRequest, sink: AnswerSink) -> None:
        guarded = WithoutEcho(sink, request.messages[-1].content)
        asking = replace(request, messages=_asking(request.messages))
        if not self._completes:
            await self._upstream.complete(asking, guarded)
        else:
            try:
                await self._upstream.complete(request, guarded)
            except UpstreamFailure as failure:
                if failure.kind != "refused" or guarded.touched:
                    raise
                log.info("a model does not complete its own words and is asked to go on", model=request.model)
                await self._upstream.complete(asking, guarded)
        guarded.end()


def _asking(messages: Sequence[PromptMessage]) -> list[PromptMessage]:
    return [*messages, PromptMessage("user", INSTRUCTION)]


class WithoutEcho:
    """A sink in front of another that keeps back a repetition of `known` at the beginning, and hands on the rest."""

    def __init__(self, sink: AnswerSink, known: str) -> None:
        self._sink = sink
        self._known = known if len(known) >= _SHORTEST_ECHO else ""
        self._held = ""
        """What could still become a repetition."""
        self.touched = False
        """Anything at all has arrived."""

    def text(self, piece: str) -> None:
        self.touched = True
        if not self._known:
            self._sink.text(piece)
            return
        held = self._held + piece
        if len(held) < len(self._known) and self._known.startswith(held):
            self._held = held
            return
        rest = held.removeprefix(self._known)
        self._known = self._held = ""
        if rest:
            self._sink.text(rest)

    def reasoning(self, piece: str) -> None:
        self.touched = True
        self._sink.reasoning(piece)

    def usage(self, usage: Usage) -> None:
        self.touched = True
        self._sink.usage(usage)

    def finish(self, reason: str) -> None:
        self.touched = True
        self.end()
        self._sink.finish(reason)

    def answered_by(self, answer_id: str | None, model: str | None) -> None:
        self._sink.answered_by(answer_id, model)

    def end(self) -> None:
        """The answer is over: what was kept back was no repetition after all."""
        held, self._held, self._known = self._held, "", ""
        if held:
            self._sink.text(held)
