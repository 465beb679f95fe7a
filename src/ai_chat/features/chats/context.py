"""How much of a conversation is sent with a new message: pure arithmetic on token estimates."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ai_chat.features.catalog.service import Model
from ai_chat.features.chats.queries import BranchMessage
from ai_chat.features.usage.plans import Plan
from ai_chat.kernel.tokens import estimate_tokens
from ai_chat.relay.upstream import PromptMessage

_PER_MESSAGE = 4
"""Tokens that the role and the separators of a message take."""
_SMALLEST_ANSWER = 16
"""Some providers refuse to be asked for less."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many tokens there are for what."""

    history: int
    """Older messages, beside the system prompt and the new message."""
    message_fits: bool
    """Whether the new message fits at all: into the plan's limits, together with the system prompt, and into the model's
    window."""


def room_for(model: Model, plan: Plan, *, system_prompt: str | None, message_tokens: int) -> Room:
    """What may be sent: the plan's context budget and the model's window, a part of which is kept for the answer."""
    system_tokens = _system_tokens(system_prompt)
    kept_for_answer = min(longest_answer(model, plan), model.context_length // 4)
    window = model.context_length - kept_for_answer - system_tokens - message_tokens - 2 * _PER_MESSAGE
    of_plan = plan.context_tokens - system_tokens - message_tokens
    budget = min(of_plan, (model.prompt_budget or plan.context_tokens) - system_tokens - message_tokens)
    fits = message_tokens <= plan.tokens_per_message and window >= 0 and of_plan >= 0
    return Room(history=max(0, min(window, budget)), message_fits=fits)


def longest_system_prompt(plan: Plan) -> int:
    """Tokens: half of the plan's context, so that there is always room for a message and some history."""
    return plan.context_tokens // 2


@lru_cache(maxsize=128)
def _system_tokens(system_prompt: str | None) -> int:
    """Remembered, because the same prompt goes with every message of its chat."""
    return estimate_tokens(system_prompt) + _PER_MESSAGE if system_prompt else 0


def longest_answer(model: Model, plan: Plan) -> int:
    return min(plan.tokens_per_message, model.max_output_tokens or plan.tokens_per_message)


def prompt_of(system_prompt: str | None, history: Sequence[BranchMessage], content: str) -> list[PromptMessage]:
    """The conversation as it is sent: the system prompt always, then the newest messages that fit, then the new one."""
    system = [PromptMessage("system", system_prompt)] if system_prompt else []
    older = [PromptMessage("assistant" if m.role == "assistant" else "user", m.content) for m in history]
    return [*system, *older, PromptMessage("user", content)]


def prompt_size(system_prompt: str | None, history: Sequence[BranchMessage], message_tokens: int) -> int:
    """Estimated tokens of the whole prompt."""
    system_tokens = _system_tokens(system_prompt)
    return system_tokens + sum(m.size_tokens + _PER_MESSAGE for m in history) + message_tokens + _PER_MESSAGE


def answer_limit(model: Model, plan: Plan, prompt_tokens: int) -> int:
    """`max_tokens`: the least of the plan's limit, the model's own maximum and what the prompt leaves of the window."""
    return max(_SMALLEST_ANSWER, min(longest_answer(model, plan), model.context_length - prompt_tokens))
