"""`/api/chat`: conversations, and the stream of an answer."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from ai_chat.features.accounts.deps import SignedInUser
from ai_chat.features.chats.deleting import Deleting
from ai_chat.features.chats.deps import ChatId, ChatsPart
from ai_chat.features.chats.listing import Wanted
from ai_chat.features.chats.schemas import (
    ChatInfo,
    ChatWithMessages,
    CreateChatRequest,
    DeletedChat,
    StopResult,
    UpdateChatRequest,
)
from ai_chat.features.chats.service import Where
from ai_chat.http.event_stream import EventStream
from ai_chat.http.openapi import STREAM_RESPONSE
from ai_chat.http.schemas import Envelope, Page, failures, ok
from ai_chat.http.state import part
from ai_chat.kernel.errors import ErrorCode, FieldProblem, InvalidInput
from ai_chat.kernel.ids import parse_id

_LONGEST_NUMBER = 10

router = APIRouter(prefix="/api/chat", tags=["chat"], responses=failures(ErrorCode.UNAUTHORIZED))
DeletingPart = Annotated[Deleting, Depends(part(Deleting))]


@router.post(
    "",
    operation_id="createChat",
    responses=failures(ErrorCode.MODEL_NOT_FOUND, ErrorCode.MODEL_NOT_IN_PLAN, ErrorCode.CHAT_LIMIT_REACHED),
)
async def create_chat(user: SignedInUser, chats: ChatsPart, body: CreateChatRequest) -> Envelope[ChatInfo]:
    """A new, empty chat."""
    return ok(await chats.create(user, body))


@router.get("", operation_id="listChats")
async def list_chats(
    user: SignedInUser,
    chats: ChatsPart,
    *,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    archived: bool = False,
    pinned: bool | None = None,
    folder_id: Annotated[str | None, Query(alias="folderId", max_length=64)] = None,
) -> Page[ChatInfo]:
    """The newest 50 chats, the last changed first: those that are not archived, or those that are. `pinned` and `folderId`
    (`none`: those in no folder) narrow it further.
    """
    page, next_cursor = await chats.list(user, Wanted(archived, pinned, _folder_wish(folder_id)), cursor)
    return Page[ChatInfo](success=True, data=page, cursor=next_cursor)


def _folder_wish(folder_id: str | None) -> UUID | Literal["none"] | None:
    if folder_id is None or folder_id == "none":
        return folder_id  # type: ignore[return-value]  # "none" is what it says
    found = parse_id(folder_id)
    if found is None:
        raise InvalidInput(FieldProblem("folderId", "is not an id"))
    return found


@router.get(
    "/{chat_id}",
    operation_id="getChat",
    responses=failures(ErrorCode.CHAT_NOT_FOUND, ErrorCode.MESSAGE_NOT_FOUND),
)
async def get_chat(
    user: SignedInUser,
    chats: ChatsPart,
    chat_id: ChatId,
    before: Annotated[str | None, Query(max_length=64)] = None,
    after: Annotated[str | None, Query(max_length=64)] = None,
    around: Annotated[str | None, Query(max_length=64)] = None,
) -> Envelope[ChatWithMessages]:
    """A chat with the newest page of its active branch, oldest message first; or with the page before, after or around one
    message (the last two: MESSAGE_NOT_FOUND where it is on another branch).
    """
    wishes: dict[Where, str | None] = {"before": before, "after": after, "around": around}
    asked = [(where, message) for where, message in wishes.items() if message is not None]
    if len(asked) > 1:
        raise InvalidInput(FieldProblem(asked[1][0], f"cannot be combined with `{asked[0][0]}`"))
    return ok(await chats.get(user, chat_id, *(asked[0] if asked else ("end", None))))


@router.patch(
    "/{chat_id}",
    operation_id="updateChat",
    responses=failures(
        ErrorCode.CHAT_NOT_FOUND, ErrorCode.FOLDER_NOT_FOUND, ErrorCode.MODEL_NOT_FOUND, ErrorCode.MODEL_NOT_IN_PLAN
    ),
)
async def update_chat(
    user: SignedInUser, chats: ChatsPart, chat_id: ChatId, body: UpdateChatRequest
) -> Envelope[ChatInfo]:
    """Renames, changes model, system prompt or temperature, pins, archives, or puts into a folder."""
    return ok(await chats.change(user, chat_id, body))


@router.delete("/{chat_id}", operation_id="deleteChat", responses=failures(ErrorCode.CHAT_NOT_FOUND))
async def delete_chat(user: SignedInUser, deleting: DeletingPart, chat_id: ChatId) -> Envelope[DeletedChat]:
    """Deletes a chat and its messages; for five minutes it can be restored."""
    return ok(DeletedChat(id=await deleting.delete(user, chat_id)))


@router.post("/{chat_id}/restore", operation_id="restoreChat", responses=failures(ErrorCode.CHAT_NOT_FOUND))
async def restore_chat(
    user: SignedInUser, deleting: DeletingPart, chats: ChatsPart, chat_id: ChatId
) -> Envelope[ChatInfo]:
    """Takes a deletion back."""
    await deleting.restore(user, chat_id)
    return ok(await chats.info(user, chat_id))


@router.get(
    "/{chat_id}/stream",
    operation_id="followStream",
    response_class=Response,
    responses=STREAM_RESPONSE
    | failures(ErrorCode.CHAT_NOT_FOUND)
    | {204: {"description": "There is nothing to read."}},
)
async def follow_stream(
    user: SignedInUser,
    chats: ChatsPart,
    chat_id: ChatId,
    generation_id: Annotated[str | None, Query(alias="generationId", max_length=64)] = None,
    after: Annotated[int | None, Query(ge=0, le=2**31)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Attaches to an answer that is running, or ended lately, from any point: `Last-Event-ID` or `after` name the last
    frame that was received.
    """
    log = await chats.follow(user, chat_id, generation_id)
    seen = after if after is not None else _frame_number(last_event_id)
    if log is None or (log.closed and seen >= len(log)):
        return Response(status_code=204)
    return EventStream(log, after=seen)


def _frame_number(last_event_id: str | None) -> int:
    """0, the beginning, for what no stream of ours has sent."""
    known = last_event_id is not None and len(last_event_id) <= _LONGEST_NUMBER and last_event_id.isdecimal()
    return int(last_event_id or 0) if known else 0


@router.post("/{chat_id}/stop", operation_id="stopGeneration", responses=failures(ErrorCode.CHAT_NOT_FOUND))
async def stop_generation(
    user: SignedInUser,
    chats: ChatsPart,
    chat_id: ChatId,
    generation_id: Annotated[str | None, Query(alias="generationId", max_length=64)] = None,
) -> Envelope[StopResult]:
    """Stops all answers that are being written in this chat, or only `generationId`, for every reader; what was written is
    kept.
    """
    return ok(StopResult(stopped=await chats.stop(user, chat_id, generation_id)))
