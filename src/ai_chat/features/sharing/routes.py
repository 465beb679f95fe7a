"""`/api/chat/{chat_id}/shares` for those who share, `/api/shares/{token}` for those who read."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from ai_chat.features.accounts.deps import SignedInUser
from ai_chat.features.chats.deps import ChatId
from ai_chat.features.files.attached import AttachedFile
from ai_chat.features.files.deps import FileId, FilesPart
from ai_chat.features.files.findings import MAIN, THUMBNAIL
from ai_chat.features.files.routes import file_response
from ai_chat.features.sharing.schemas import (
    ContinuedChat,
    CreateShareRequest,
    RevokedShares,
    SharedChat,
    ShareLink,
)
from ai_chat.features.sharing.service import Shares
from ai_chat.http.schemas import Envelope, failures, ok
from ai_chat.http.state import part
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import parse_id

SharesPart = Annotated[Shares, Depends(part(Shares))]

_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
}
_READING = (ErrorCode.SHARE_NOT_FOUND, ErrorCode.TOO_MANY_LINKS)
_NOT_FOR_SEARCH = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}

router = APIRouter(tags=["sharing"])


async def _share_id(share_id: str) -> UUID | None:
    return parse_id(share_id)


async def _ip(request: Request) -> str:
    return str(request.scope["state"]["client_ip"])


ShareId = Annotated[UUID | None, Depends(_share_id)]
Ip = Annotated[str, Depends(_ip)]


@router.post(
    "/api/chat/{chat_id}/shares",
    operation_id="createShare",
    responses=failures(
        ErrorCode.UNAUTHORIZED, ErrorCode.CHAT_NOT_FOUND, ErrorCode.MESSAGE_NOT_FOUND, ErrorCode.TOO_MANY_SHARES
    ),
)
async def create_share(
    user: SignedInUser, shares: SharesPart, chat_id: ChatId, body: CreateShareRequest
) -> Envelope[ShareLink]:
    """A link by which anybody may read the branch as it is now. What is said later is not shown."""
    return ok(await shares.create(user, chat_id, body))


@router.get(
    "/api/chat/{chat_id}/shares",
    operation_id="listShares",
    responses=failures(ErrorCode.UNAUTHORIZED, ErrorCode.CHAT_NOT_FOUND),
)
async def list_shares(user: SignedInUser, shares: SharesPart, chat_id: ChatId) -> Envelope[list[ShareLink]]:
    """The links to this chat that open something, the newest first."""
    return ok(await shares.list(user, chat_id))


@router.delete(
    "/api/chat/{chat_id}/shares",
    operation_id="revokeShares",
    responses=failures(ErrorCode.UNAUTHORIZED, ErrorCode.CHAT_NOT_FOUND),
)
async def revoke_shares(user: SignedInUser, shares: SharesPart, chat_id: ChatId) -> Envelope[RevokedShares]:
    """Takes back all links to this chat."""
    return ok(RevokedShares(revoked=await shares.revoke_all(user, chat_id)))


@router.delete(
    "/api/chat/{chat_id}/shares/{share_id}",
    operation_id="revokeShare",
    responses=failures(ErrorCode.UNAUTHORIZED, ErrorCode.CHAT_NOT_FOUND, ErrorCode.SHARE_NOT_FOUND),
)
async def revoke_share(
    user: SignedInUser, shares: SharesPart, chat_id: ChatId, share_id: ShareId
) -> Envelope[RevokedShares]:
    """Takes one link back: it opens nothing from now on."""
    await shares.revoke(user, chat_id, share_id)
    return ok(RevokedShares(revoked=1))


@router.get("/api/shares/{token}", operation_id="getShare", responses=failures(*_READING))
async def get_share(
    response: Response,
    shares: SharesPart,
    ip: Ip,
    token: str,
    skip: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Envelope[SharedChat]:
    """What the link shows; no sign-in needed."""
    response.headers.update(_NOT_FOR_SEARCH)
    return ok(await shares.open(token, ip, skip))


@router.get(
    "/api/shares/{token}/files/{file_id}",
    operation_id="getSharedFile",
    response_class=Response,
    responses=_BYTES | failures(*_READING, ErrorCode.FILE_NOT_FOUND),
)
async def get_shared_file(shares: SharesPart, files: FilesPart, ip: Ip, token: str, file_id: FileId) -> Response:
    """A file of a message that the link shows."""
    file = await shares.file(token, ip, file_id)
    return _shared(file, file_response(file, await files.content(file, MAIN), size=file.size))


@router.get(
    "/api/shares/{token}/files/{file_id}/thumbnail",
    operation_id="getSharedThumbnail",
    response_class=Response,
    responses=_BYTES | failures(*_READING, ErrorCode.FILE_NOT_FOUND),
)
async def get_shared_thumbnail(shares: SharesPart, files: FilesPart, ip: Ip, token: str, file_id: FileId) -> Response:
    """The same, small."""
    file = await shares.file(token, ip, file_id)
    if file.kind != "image":
        raise AppError(ErrorCode.FILE_NOT_FOUND)
    return _shared(file, file_response(file, await files.content(file, THUMBNAIL), media_type="image/webp"))


@router.post(
    "/api/shares/{token}/continue",
    operation_id="continueShare",
    responses=failures(ErrorCode.UNAUTHORIZED, *_READING, ErrorCode.CHAT_LIMIT_REACHED, ErrorCode.FILE_STORAGE_FULL),
)
async def continue_share(user: SignedInUser, shares: SharesPart, ip: Ip, token: str) -> Envelope[ContinuedChat]:
    """Copies what is shared into a chat of one's own."""
    return ok(ContinuedChat(id=await shares.go_on(user, token, ip)))


def _shared(_file: AttachedFile, response: Response) -> Response:
    """Not kept for long: the link may be taken back."""
    response.headers.update(_NOT_FOR_SEARCH | {"Cache-Control": "private, max-age=300"})
    return response
