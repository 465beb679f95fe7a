"""What goes with a question: the files that are named, or those of the message that is edited."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from ai_chat.features.catalog.service import Model
from ai_chat.features.chats.branching import Place
from ai_chat.features.chats.models import Message
from ai_chat.features.chats.titles import title_from
from ai_chat.features.files.attached import files_in
from ai_chat.features.files.service import Files
from ai_chat.features.usage.plans import Plan
from ai_chat.kernel.errors import AppError, ErrorCode, FieldProblem, InvalidInput


def with_files(
    session: Session,
    files: Files,
    place: Place,
    *,
    user_id: UUID,
    plan: Plan,
    wanted: Sequence[UUID] | None,
    edited: Message | None,
) -> Place:
    """The place, its new question with its files. FILE_NOT_FOUND, TOO_MANY_FILES."""
    question = place.question
    if question is None or question.id is not None:
        return place
    if wanted is None:
        wanted = [UUID(file.id) for file in files_in(edited.extra)] if edited is not None else ()
    if wanted:
        question = replace(question, files=files.attach(session, user_id, plan, wanted))
    if not question.files and not question.content.strip():
        raise InvalidInput(FieldProblem("content", "must not be blank"))
    return replace(place, question=question)


def check_sight(place: Place, models: Sequence[Model]) -> None:
    """MODEL_CANNOT_SEE where there is an image in the question and one of the models is known to see none."""
    images = place.question is not None and any(file.kind == "image" for file in place.question.files)
    blind = next((model for model in models if model.vision is False), None)
    if images and blind is not None:
        raise AppError(ErrorCode.MODEL_CANNOT_SEE, f"{blind.name} cannot see images. Choose a model that can.")


def opening_title(place: Place) -> str | None:
    """What a chat is called that begins here: its first words, or its first file."""
    if place.question is None:
        return None
    named = title_from(place.question.files[0].name) if place.question.files else None
    return title_from(place.question.content) or named
