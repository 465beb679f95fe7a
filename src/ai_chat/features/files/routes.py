"""`/api/files`: what people attach to messages."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote

import anyio
from fastapi import APIRouter, Header, Request, Response
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import StreamingResponse

from ai_chat.features.accounts.deps import SignedInUser
from ai_chat.features.files.attached import AttachedFile
from ai_chat.features.files.deps import FileId, FilesPart
from ai_chat.features.files.findings import THUMBNAIL
from ai_chat.features.files.schemas import DeletedFile, FileAllowance, FileInfo, file_info
from ai_chat.http.body_limit import allow_body
from ai_chat.http.schemas import Envelope, failures, ok
from ai_chat.kernel.errors import AppError, ErrorCode, FieldProblem, InvalidInput
from ai_chat.kernel.text import storable_piece

_AROUND_A_FILE = 64 * 1024
"""Bytes that the form around a file may take."""
_LONGEST_NAME = 255
UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
}

router = APIRouter(prefix="/api/files", tags=["files"], responses=failures(ErrorCode.UNAUTHORIZED))


@router.post(
    "",
    operation_id="uploadFile",
    openapi_extra=UPLOAD,
    responses=failures(
        ErrorCode.FILE_TYPE_UNSUPPORTED,
        ErrorCode.FILE_UNREADABLE,
        ErrorCode.FILE_WITHOUT_TEXT,
        ErrorCode.FILE_STORAGE_FULL,
        ErrorCode.FILE_TOO_LARGE,
        ErrorCode.SERVICE_UNAVAILABLE,
    ),
)
async def upload_file(user: SignedInUser, files: FilesPart, request: Request) -> Envelope[FileInfo]:
    """Takes one file in (multipart, field `file`). What it is is decided by its content: an image (PNG, JPEG, WebP, GIF), a
    PDF with text, or text of any kind.
    """
    largest = files.largest(user)
    async with files.scratch() as folder:
        name = await receive_file(request, folder / "sent", largest)
        return ok(file_info(await files.take_in(user, folder / "sent", name)))


async def receive_file(
    request: Request, target: Path, largest: int, too_large: ErrorCode = ErrorCode.FILE_TOO_LARGE
) -> str:
    """Writes the file of the form to `target`; its name. `too_large` as soon as that is known."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise InvalidInput(FieldProblem("body", "must be multipart/form-data with a field `file`"))
    allow_body(request.scope, largest + _AROUND_A_FILE)
    try:
        form = await request.form(max_files=1, max_fields=10)
    except (MultiPartException, FormParserError, HTTPException) as problem:
        if isinstance(problem, HTTPException) and problem.status_code == 413:
            raise _too_large(largest, too_large) from problem
        raise InvalidInput(FieldProblem("body", "is not a form with one file")) from problem
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InvalidInput(FieldProblem("file", "is missing"))
        if (file.size or 0) > largest:
            raise _too_large(largest, too_large)
        if not file.size:
            raise InvalidInput(FieldProblem("file", "is empty"))
        await anyio.to_thread.run_sync(_write, file.file, target)
        return clean_name(file.filename)
    finally:
        await form.close()


def clean_name(name: str | None) -> str:
    """A file's name as it is shown: no folders, nothing that steers a screen or turns the direction of writing."""
    last = storable_piece(name or "").replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign if sign.isprintable() else " " for sign in last).strip(" .")
    if len(shown) > _LONGEST_NAME:
        stem, dot, ending = shown.rpartition(".")
        ending = dot + ending if 0 < len(ending) <= 12 else ""
        shown = (stem or shown)[: _LONGEST_NAME - len(ending)] + ending
    return shown or "file"


@router.get("/allowance", operation_id="getFileAllowance")
async def get_file_allowance(user: SignedInUser, files: FilesPart) -> Envelope[FileAllowance]:
    """How many files of which size the plan allows, and how much room is used."""
    return ok(await files.allowance(user))


@router.get(
    "/{file_id}", operation_id="getFile", response_class=Response, responses=_BYTES | failures(ErrorCode.FILE_NOT_FOUND)
)
async def get_file(
    user: SignedInUser, files: FilesPart, file_id: FileId, if_none_match: Annotated[str, Header()] = ""
) -> Response:
    """The file, to its owner only. Text and PDFs come as downloads."""
    file = await files.find(user, file_id)
    if etag_of(file) in if_none_match:
        return Response(status_code=304, headers=file_headers(file))
    return file_response(file, await files.content(file), size=file.size)


@router.get(
    "/{file_id}/thumbnail",
    operation_id="getFileThumbnail",
    response_class=Response,
    responses=_BYTES | failures(ErrorCode.FILE_NOT_FOUND),
)
async def get_file_thumbnail(
    user: SignedInUser, files: FilesPart, file_id: FileId, if_none_match: Annotated[str, Header()] = ""
) -> Response:
    """An image at most 512 pixels wide and high, as WebP; other files have none."""
    file = await files.find(user, file_id)
    if file.kind != "image":
        raise AppError(ErrorCode.FILE_NOT_FOUND)
    if etag_of(file) in if_none_match:
        return Response(status_code=304, headers=file_headers(file))
    return file_response(file, await files.content(file, THUMBNAIL), media_type="image/webp")


@router.delete(
    "/{file_id}",
    operation_id="deleteFile",
    responses=failures(ErrorCode.FILE_NOT_FOUND, ErrorCode.FILE_IN_USE),
)
async def delete_file(user: SignedInUser, files: FilesPart, file_id: FileId) -> Envelope[DeletedFile]:
    """Deletes a file that was not sent. One that was goes with its chat."""
    return ok(DeletedFile(id=await files.remove(user, file_id)))


def etag_of(file: AttachedFile) -> str:
    return f'"{file.content}"'


def file_headers(file: AttachedFile) -> dict[str, str]:
    """What stands with a stranger's bytes: a browser may show an image and nothing else, and runs nothing in any case."""
    shown = "inline" if file.kind == "image" else "attachment"
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._- ") else "_" for sign in file.name)
    return {
        "Content-Disposition": f"{shown}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=31536000, immutable",
        "ETag": etag_of(file),
    }


def file_response(
    file: AttachedFile, content: AsyncIterator[bytes], *, media_type: str | None = None, size: int | None = None
) -> Response:
    served = {"image": file.type, "document": "application/pdf", "text": "text/plain; charset=utf-8"}[file.kind]
    headers = file_headers(file)
    if size is not None:
        headers["Content-Length"] = str(size)
    return StreamingResponse(content, headers=headers, media_type=media_type or served)


def _too_large(largest: int, code: ErrorCode) -> AppError:
    return AppError(code, f"A file may have {largest // 1024 // 1024} MB here.")


def _write(source: BinaryIO, target: Path) -> None:
    source.seek(0)
    with target.open("wb") as file:
        shutil.copyfileobj(source, file, 1024 * 1024)
