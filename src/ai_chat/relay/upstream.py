"""The port to model providers: one conversation in, pieces of an answer out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol

from ai_chat.kernel.errors import ErrorCode

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of the conversation as it is sent to the model."""

    role: Role
    content: str
    parts: Sequence[Mapping[str, object]] = ()
    """What is sent in place of `content` where there is more than text: content parts, as all OpenAI-compatible servers know
    them.
    """


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """What a model is asked. `user` is a pseudonym of the person, for the provider's abuse control."""

    model: str
    messages: Sequence[PromptMessage]
    max_tokens: int
    temperature: float | None
    """None leaves it to the provider."""
    user: str
    conversation: str
    options: Mapping[str, object] = field(default_factory=dict)
    """Further parameters, by the names all OpenAI-compatible servers know: `top_p`, `stop`, `seed` …"""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a provider says it counted and charged. `cost_usd` is None where it does not say."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cost_usd: Decimal | None


class AnswerSink(Protocol):
    """Receives an answer as it arrives. Calls are synchronous and cheap: nothing wakes up per token."""

    def text(self, piece: str) -> None: ...

    def reasoning(self, piece: str) -> None: ...

    def usage(self, usage: Usage) -> None: ...

    def finish(self, reason: str) -> None: ...

    def answered_by(self, answer_id: str | None, model: str | None) -> None:
        """The provider's own id of this answer, and the model that it says writes it: not always the one that was asked."""


class Upstream(Protocol):
    """A provider of models."""

    async def complete(self, request: CompletionRequest, sink: AnswerSink) -> None:
        """Streams one answer into `sink` and returns after its end; UpstreamFailure where it failed. Cancelling the call
        breaks the connection off, so that the provider stops working and charging.
        """


FailureKind = Literal[
    "bad_key", "no_credit", "free_cap", "rate_limited", "overloaded", "moderated", "refused", "too_long", "gone",
    "timeout", "connect", "disconnected", "server", "nonsense", "empty",
]  # fmt: skip
"""What went wrong, for the log, the metrics and whoever decides what to try next."""


class UpstreamFailure(Exception):
    """A provider failed. The code's sentence is for the person; `detail` is for the operator's log."""

    def __init__(
        self,
        code: ErrorCode,
        detail: str,
        *,
        retryable: bool = False,
        message: str | None = None,
        kind: FailureKind = "server",
        retry_after: float | None = None,
        resets_at: float | None = None,
    ) -> None:
        self.code = code
        self.detail = detail
        self.retryable = retryable
        self.message = message or code.sentence
        self.kind: FailureKind = kind
        self.retry_after = retry_after
        """Seconds the provider asks us to wait."""
        self.resets_at = resets_at
        """When the provider's limit opens again, in seconds since 1970."""
        super().__init__(f"{code.value}: {detail}")
