"""`/api/folders`: drawers for chats."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from ai_chat.features.accounts.deps import SignedInUser
from ai_chat.features.chats.folder_schemas import CreateFolderRequest, DeletedFolder, FolderInfo, UpdateFolderRequest
from ai_chat.features.chats.folders import Folders
from ai_chat.http.schemas import Envelope, failures, ok
from ai_chat.http.state import part
from ai_chat.kernel.errors import ErrorCode
from ai_chat.kernel.ids import parse_id

router = APIRouter(prefix="/api/folders", tags=["folders"], responses=failures(ErrorCode.UNAUTHORIZED))
FoldersPart = Annotated[Folders, Depends(part(Folders))]


async def _folder_id(folder_id: str) -> UUID | None:
    return parse_id(folder_id)


FolderId = Annotated[UUID | None, Depends(_folder_id)]


@router.get("", operation_id="listFolders")
async def list_folders(user: SignedInUser, folders: FoldersPart) -> Envelope[list[FolderInfo]]:
    """All folders, in their order."""
    return ok(await folders.list(user))


@router.post("", operation_id="createFolder", responses=failures(ErrorCode.TOO_MANY_FOLDERS))
async def create_folder(user: SignedInUser, folders: FoldersPart, body: CreateFolderRequest) -> Envelope[FolderInfo]:
    """A new folder after all others."""
    return ok(await folders.create(user, body))


@router.patch("/{folder_id}", operation_id="updateFolder", responses=failures(ErrorCode.FOLDER_NOT_FOUND))
async def update_folder(
    user: SignedInUser, folders: FoldersPart, folder_id: FolderId, body: UpdateFolderRequest
) -> Envelope[FolderInfo]:
    """Renames a folder, or moves it among the others."""
    return ok(await folders.change(user, folder_id, body))


@router.delete("/{folder_id}", operation_id="deleteFolder", responses=failures(ErrorCode.FOLDER_NOT_FOUND))
async def delete_folder(user: SignedInUser, folders: FoldersPart, folder_id: FolderId) -> Envelope[DeletedFolder]:
    """Deletes a folder; its chats stay, in no folder."""
    return ok(DeletedFolder(id=await folders.delete(user, folder_id)))
