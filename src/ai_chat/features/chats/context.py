"""How much of a conversation is sent with a new message: pure arithmetic on token estimates."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ai_chat.features.catalog.service import Model
from ai_chat.features.chats.branching import Question
from ai_chat.features.chats.queries import BranchMessage
from ai_chat.features.files.carrying import MessageWithFiles
from ai_chat.features.usage.plans import Plan
from ai_chat.kernel.tokens import MESSAGE_OVERHEAD, estimate_tokens
from ai_chat.relay.upstream import PromptMessage, Role

_SHARE_OF_INSTRUCTIONS = 8
"""Of a model's window, so much at most is for a person's own instructions."""
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


def room_for(model: Model, plan: Plan, *, system_prompt: str | None, message_tokens: int, file_tokens: int = 0) -> Room:
    """What may be sent: the plan's context budget and the model's window, a part of which is kept for the answer."""
    fits = message_tokens <= plan.tokens_per_message
    message_tokens += file_tokens
    system_tokens = _system_tokens(system_prompt)
    kept_for_answer = min(longest_answer(model, plan), model.context_length // 4)
    window = model.context_length - kept_for_answer - system_tokens - message_tokens - 2 * MESSAGE_OVERHEAD
    of_plan = plan.context_tokens - system_tokens - message_tokens
    budget = min(of_plan, (model.prompt_budget or plan.context_tokens) - system_tokens - message_tokens)
    fits = fits and window >= 0 and of_plan >= 0
    return Room(history=max(0, min(window, budget)), message_fits=fits)


def system_prompt_of(model: Model, chats_own: str | None, instructions: str | None) -> str | None:
    """The chat's own system prompt, else the model's, and then what the person asks of every answer. A model with a small
    window goes without the latter: the conversation needs the room.
    """
    prompt = chats_own or model.system_prompt
    if not instructions or _system_tokens(instructions) > model.context_length // _SHARE_OF_INSTRUCTIONS:
        return prompt
    return f"{prompt}\n\n{instructions}" if prompt else instructions


def longest_system_prompt(plan: Plan) -> int:
    """Tokens: half of the plan's context, so that there is always room for a message and some history."""
    return plan.context_tokens // 2


@lru_cache(maxsize=512)
def _system_tokens(system_prompt: str | None) -> int:
    """Remembered, because the same prompt goes with every message of its chat."""
    return estimate_tokens(system_prompt) + MESSAGE_OVERHEAD if system_prompt else 0


def longest_answer(model: Model, plan: Plan) -> int:
    return min(plan.tokens_per_message, model.max_output_tokens or plan.tokens_per_message)


def newest_that_fit(history: Sequence[BranchMessage], budget: int) -> Sequence[BranchMessage]:
    """Of what was read for the largest of several models, what a smaller one has room for."""
    for place in range(len(history), 0, -1):
        budget -= history[place - 1].size_tokens + MESSAGE_OVERHEAD
        if budget < 0:
            return history[place:]
    return history


def end_of(message: BranchMessage, budget: int) -> BranchMessage:
    """The last part of a message that is too long for `budget`: what an answer goes on from."""
    room = max(0, budget - MESSAGE_OVERHEAD)
    if message.size_tokens <= room:
        return message
    kept = len(message.content) * room // message.size_tokens
    return message._replace(content=message.content[len(message.content) - kept :], size_tokens=room)


def prompt_of(
    system_prompt: str | None, history: Sequence[BranchMessage], question: Question | None
) -> list[PromptMessage]:
    """The conversation as it is sent: the system prompt always, then the newest messages that fit, then the new one. An
    answer that was continued is one message.
    """
    prompt = [PromptMessage("system", system_prompt)] if system_prompt else []
    for message in history:
        role: Role = "assistant" if message.role == "assistant" else "user"
        if role == "assistant" and prompt and prompt[-1].role == "assistant":
            prompt[-1] = PromptMessage("assistant", prompt[-1].content + message.content)
        else:
            prompt.append(_prompt_message(role, message))
    return prompt if question is None else [*prompt, _prompt_message("user", question)]


def _prompt_message(role: Role, message: BranchMessage | Question) -> PromptMessage:
    if message.files:
        return MessageWithFiles(role, message.content, files=message.files)
    return PromptMessage(role, message.content)


def prompt_size(system_prompt: str | None, history: Sequence[BranchMessage], message_tokens: int) -> int:
    """Estimated tokens of the whole prompt."""
    system_tokens = _system_tokens(system_prompt)
    return system_tokens + sum(m.size_tokens + MESSAGE_OVERHEAD for m in history) + message_tokens + MESSAGE_OVERHEAD


def answer_limit(model: Model, plan: Plan, prompt_tokens: int) -> int:
    """`max_tokens`: the least of the plan's limit, the model's own maximum and what the prompt leaves of the window."""
    return max(_SMALLEST_ANSWER, min(longest_answer(model, plan), model.context_length - prompt_tokens))
