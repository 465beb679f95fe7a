"""Where a turn hangs in the tree of a conversation: a new message, an edited one, another answer, an answer continued.

Each function is told the chat and, where the request names one, a message of it, and says what is asked, and after what.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sqlalchemy.orm import Session

from ai_chat.features.chats.models import Message
from ai_chat.features.chats.queries import TurnChat
from ai_chat.features.files.attached import AttachedFile, files_in, tokens_of
from ai_chat.kernel.errors import FieldProblem, InvalidInput

CONTINUABLE = ("stopped", "interrupted", "failed")


@dataclass(frozen=True, slots=True)
class Question:
    """What the person says; `id` is None until it is in the tree."""

    content: str
    tokens: int
    """Of the text."""
    id: UUID | None = None
    files: tuple[AttachedFile, ...] = ()

    @property
    def size(self) -> int:
        """Tokens of the text and of the files."""
        return self.tokens + tokens_of(self.files)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the answers of a turn go."""

    after: UUID | None
    """The message before the question; where nothing is asked, the answer that is continued."""
    question: Question | None
    """None: the answer `after` is continued."""
    asked_in: UUID | None = None
    """The person's message that a continued answer belongs to."""
    usual_model: str | None = None
    """Who wrote the answer that is written again, or continued."""


FindPlace: TypeAlias = Callable[[Session, TurnChat, Message | None, Question | None], Place]
"""Of the session, the chat, the message that the request names, and what is said in the request."""


def at_the_end(_session: Session, chat: TurnChat, _message: Message | None, question: Question | None) -> Place:
    """A new message after the newest of the active branch."""
    return Place(chat.leaf_id, question)


def beside_the_question(
    _session: Session, _chat: TurnChat, message: Message | None, question: Question | None
) -> Place:
    """A person's message in other words: a branch that parts before it."""
    assert message is not None
    if message.role != "user":
        raise _refused("is not a message of yours: only those can be edited")
    return Place(message.parent_id, question)


def under_the_question(session: Session, _chat: TurnChat, message: Message | None, _: Question | None) -> Place:
    """Another answer to the same message, whichever of its answers, or it itself, is named."""
    assert message is not None
    asked = _question_of(session, message)
    if asked is None:
        raise _refused("answers no message of yours")
    files = files_in(asked.extra)
    question = Question(asked.content, asked.size_tokens - tokens_of(files), asked.id, files)
    return Place(asked.parent_id, question, usual_model=message.model)


def after_the_answer(session: Session, _chat: TurnChat, message: Message | None, _: Question | None) -> Place:
    """The rest of an answer that was broken off, as a message of its own that follows it."""
    assert message is not None
    if message.role != "assistant":
        raise _refused("is not an answer")
    answer = _last_with_text(session, message)
    broken_off = answer.status in CONTINUABLE or answer.finish_reason == "length"
    if answer.status != "generating" and not (broken_off and answer.content):  # one under way is refused as such
        raise _refused("has no end that is missing")
    asked = _question_of(session, answer)
    return Place(answer.id, None, asked_in=asked.id if asked else answer.id, usual_model=message.model)


def _last_with_text(session: Session, answer: Message) -> Message:
    """The answer itself; where it was to continue another and was broken off before it had written a word, that other."""
    while answer.status in CONTINUABLE and not answer.content and answer.parent_id is not None:
        before = session.get(Message, answer.parent_id)
        if before is None or before.role != "assistant":
            break
        answer = before
    return answer


def _question_of(session: Session, message: Message) -> Message | None:
    """The person's message that this one is, answers, or continues the answer to."""
    found: Message | None = message
    while found is not None and found.role != "user":
        found = session.get(Message, found.parent_id) if found.parent_id is not None else None
    return found


def _refused(reason: str) -> InvalidInput:
    return InvalidInput(FieldProblem("messageId", reason))
