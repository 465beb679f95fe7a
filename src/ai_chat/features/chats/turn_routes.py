"""`/api/chat/{chat_id}/…`: what makes models write, and the branches that come of it."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from ai_chat.features.accounts.deps import Claims, SignedInUser
from ai_chat.features.chats.branches import Branches
from ai_chat.features.chats.branching import (
    after_the_answer,
    at_the_end,
    beside_the_question,
    under_the_question,
)
from ai_chat.features.chats.deps import ChatId, ChatsPart, MessageId
from ai_chat.features.chats.schemas import (
    BranchInfo,
    ChatWithMessages,
    ChooseBranchRequest,
    ContinueRequest,
    EditMessageRequest,
    MessageInfo,
    RegenerateRequest,
    SendMessageRequest,
    TurnRequest,
)
from ai_chat.features.chats.turns import Target, Turns
from ai_chat.http.errors import invalid_input
from ai_chat.http.event_stream import EventStream
from ai_chat.http.openapi import STREAM_RESPONSE, body_of
from ai_chat.http.schemas import Envelope, failures, ok
from ai_chat.http.state import part
from ai_chat.kernel.errors import ErrorCode
from ai_chat.kernel.ids import parse_id

Wanted = TypeVar("Wanted", bound=TurnRequest)
TurnsPart = Annotated[Turns, Depends(part(Turns))]
BranchesPart = Annotated[Branches, Depends(part(Branches))]

_SENDING = (
    ErrorCode.CHAT_NOT_FOUND,
    ErrorCode.MODEL_NOT_FOUND,
    ErrorCode.MESSAGE_TOO_LONG,
    ErrorCode.MODEL_NOT_IN_PLAN,
    ErrorCode.MODEL_UNAVAILABLE,
    ErrorCode.GENERATION_IN_PROGRESS,
    ErrorCode.MESSAGE_LIMIT_REACHED,
)
_A_TURN = STREAM_RESPONSE | failures(*_SENDING)
_A_TURN_AT_A_MESSAGE = STREAM_RESPONSE | failures(*_SENDING, ErrorCode.MESSAGE_NOT_FOUND)

router = APIRouter(prefix="/api/chat/{chat_id}", tags=["chat"], responses=failures(ErrorCode.UNAUTHORIZED))


async def _reader(request: Request, wanted: type[Wanted], *, may_be_empty: bool = False) -> Callable[[], Wanted]:
    """Makes sense of the body when it is called. It is read here and not by the framework: somebody else's chat is 404
    whatever stands in the body.
    """
    body, content_type = await request.body(), request.headers.get("content-type", "")

    def read() -> Wanted:
        if may_be_empty and not body:
            return wanted()
        if content_type.partition(";")[0].strip().lower() != "application/json":
            raise invalid_input([{"type": "json_invalid"}])  # as on every other route
        try:
            return wanted.model_validate_json(body)
        except ValidationError as problem:
            raise invalid_input([dict(error) for error in problem.errors(include_url=False)]) from None

    return read


@router.post(
    "/message",
    operation_id="sendMessage",
    openapi_extra=body_of(SendMessageRequest),
    response_class=Response,
    responses=_A_TURN,
)
async def send_message(claims: Claims, turns: TurnsPart, chat_id: ChatId, request: Request) -> Response:
    """Sends a message; the answer is an event stream. Every refusal is decided before its first byte."""
    read = await _reader(request, SendMessageRequest)
    return EventStream(await turns.start(claims, Target(chat_id, at_the_end), read))


@router.post(
    "/messages/{message_id}/regenerate",
    operation_id="regenerateMessage",
    openapi_extra=body_of(RegenerateRequest),
    response_class=Response,
    responses=_A_TURN_AT_A_MESSAGE,
)
async def regenerate_message(
    claims: Claims, turns: TurnsPart, chat_id: ChatId, message_id: MessageId, request: Request
) -> Response:
    """Another answer to the same message, by the same model or another, as a branch; an event stream."""
    read = await _reader(request, RegenerateRequest, may_be_empty=True)
    target = Target(chat_id, under_the_question, names_message=True, message_id=message_id)
    return EventStream(await turns.start(claims, target, read))


@router.post(
    "/messages/{message_id}/edit",
    operation_id="editMessage",
    openapi_extra=body_of(EditMessageRequest),
    response_class=Response,
    responses=_A_TURN_AT_A_MESSAGE,
)
async def edit_message(
    claims: Claims, turns: TurnsPart, chat_id: ChatId, message_id: MessageId, request: Request
) -> Response:
    """A message of the person's in other words, with its answer, as a branch beside the old one; an event stream."""
    read = await _reader(request, EditMessageRequest)
    target = Target(chat_id, beside_the_question, names_message=True, message_id=message_id)
    return EventStream(await turns.start(claims, target, read))


@router.post(
    "/messages/{message_id}/continue",
    operation_id="continueMessage",
    openapi_extra=body_of(ContinueRequest),
    response_class=Response,
    responses=_A_TURN_AT_A_MESSAGE,
)
async def continue_message(
    claims: Claims, turns: TurnsPart, chat_id: ChatId, message_id: MessageId, request: Request
) -> Response:
    """The rest of an answer that was stopped, interrupted or too long, as a message that follows it; an event stream."""
    read = await _reader(request, ContinueRequest, may_be_empty=True)
    target = Target(chat_id, after_the_answer, names_message=True, message_id=message_id)
    return EventStream(await turns.start(claims, target, read))


@router.get(
    "/messages/{message_id}",
    operation_id="getMessage",
    responses=failures(ErrorCode.CHAT_NOT_FOUND, ErrorCode.MESSAGE_NOT_FOUND),
)
async def get_message(
    user: SignedInUser, chats: ChatsPart, chat_id: ChatId, message_id: MessageId
) -> Envelope[MessageInfo]:
    """One message, also of a branch that is not the active one."""
    return ok(await chats.message(user, chat_id, message_id))


@router.get("/branches", operation_id="listBranches", responses=failures(ErrorCode.CHAT_NOT_FOUND))
async def list_branches(user: SignedInUser, branches: BranchesPart, chat_id: ChatId) -> Envelope[list[BranchInfo]]:
    """The branches of the conversation, the newest first."""
    return ok(await branches.list(user, chat_id))


@router.put(
    "/branch",
    operation_id="chooseBranch",
    responses=failures(ErrorCode.CHAT_NOT_FOUND, ErrorCode.MESSAGE_NOT_FOUND),
)
async def choose_branch(
    user: SignedInUser, branches: BranchesPart, chats: ChatsPart, chat_id: ChatId, body: ChooseBranchRequest
) -> Envelope[ChatWithMessages]:
    """Makes the branch through a message the active one, and returns the chat as it reads now."""
    await branches.choose(user, chat_id, parse_id(body.message_id))
    return ok(await chats.get(user, chat_id))
