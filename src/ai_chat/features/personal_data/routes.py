"""Taking data out, bringing it in, and leaving."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import StreamingResponse

from ai_chat.features.accounts.deps import ClientOf, SignedInUser
from ai_chat.features.accounts.routes import forget_cookie
from ai_chat.features.chats.deps import ChatId
from ai_chat.features.files.deps import FilesPart
from ai_chat.features.files.routes import UPLOAD, receive_file
from ai_chat.features.personal_data.exporting import Exporting
from ai_chat.features.personal_data.importing import Importing
from ai_chat.features.personal_data.leaving import Leaving
from ai_chat.features.personal_data.schemas import DeleteAccountRequest, DeletedAccount, ImportResult
from ai_chat.http.schemas import Envelope, failures, ok
from ai_chat.http.state import part
from ai_chat.kernel.errors import ErrorCode

LARGEST_IMPORT = 300 * 1024 * 1024
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
}

ExportingPart = Annotated[Exporting, Depends(part(Exporting))]
ImportingPart = Annotated[Importing, Depends(part(Importing))]
LeavingPart = Annotated[Leaving, Depends(part(Leaving))]

router = APIRouter(prefix="/api", tags=["data"], responses=failures(ErrorCode.UNAUTHORIZED))


@router.get(
    "/chat/{chat_id}/export",
    operation_id="exportChat",
    response_class=Response,
    responses=_TEXT | failures(ErrorCode.CHAT_NOT_FOUND),
)
async def export_chat(
    user: SignedInUser,
    exporting: ExportingPart,
    chat_id: ChatId,
    format: Annotated[Literal["md", "json"], Query()] = "md",
) -> Response:
    """A chat as a file: its active branch as Markdown, or all of it as JSON, which can be imported again."""
    if format == "json":
        title, text = await exporting.chat_as_json(user, chat_id)
    else:
        title, text = await exporting.chat_as_markdown(user, chat_id)
    kind = "application/json" if format == "json" else "text/markdown"
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=_download(f"{title[:80]}.{format}"))


@router.get("/export", operation_id="exportEverything", response_class=Response, responses=_TEXT)
async def export_everything(user: SignedInUser, exporting: ExportingPart) -> Response:
    """Everything of one's own as a zip, sent while it is made."""
    name = f"ai-chat-{datetime.now(UTC):%Y-%m-%d}.zip"
    return StreamingResponse(exporting.everything(user), media_type="application/zip", headers=_download(name))


@router.post(
    "/import",
    operation_id="importChats",
    openapi_extra=UPLOAD,
    responses=failures(ErrorCode.IMPORT_UNREADABLE, ErrorCode.PAYLOAD_TOO_LARGE, ErrorCode.SERVICE_UNAVAILABLE),
)
async def import_chats(
    user: SignedInUser, importing: ImportingPart, files: FilesPart, request: Request
) -> Envelope[ImportResult]:
    """Brings conversations in (multipart, field `file`): ChatGPT's export, as its zip or conversations.json, or our own. What was
    brought in before is not brought in again.
    """
    async with files.scratch() as folder:
        await receive_file(request, folder / "sent", LARGEST_IMPORT, ErrorCode.PAYLOAD_TOO_LARGE)
        return ok(await importing.bring_in(user, folder / "sent"))


@router.delete(
    "/auth/me",
    operation_id="deleteAccount",
    responses=failures(ErrorCode.WRONG_PASSWORD, ErrorCode.TOO_MANY_ATTEMPTS),
)
async def delete_account(
    user: SignedInUser, leaving: LeavingPart, client: ClientOf, response: Response, body: DeleteAccountRequest
) -> Envelope[DeletedAccount]:
    """Deletes the account with all its chats and files, at once and for good."""
    await leaving.leave(user, body.password, client.ip)
    forget_cookie(response)
    return ok(DeletedAccount(deleted=True))


def _download(name: str) -> dict[str, str]:
    """What stands with a file that is to be kept, and nowhere else."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._- ") else "_" for sign in name)
    clean = "".join(sign for sign in name if sign.isprintable() and sign not in '/\\:*?"<>|')
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "no-store",
    }
