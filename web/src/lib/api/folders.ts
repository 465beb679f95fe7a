import {
  createFolder as create,
  listFolders as list,
  deleteFolder as remove,
  updateFolder as update,
} from "@/client/sdk.gen";
import type { FolderInfo } from "@/client/types.gen";
import { http } from "@/lib/api/http";

const at = (id: string) => ({ ...http, path: { folder_id: id } });

export async function listFolders(signal?: AbortSignal): Promise<FolderInfo[]> {
  return (await list({ ...http, signal })).data.data;
}

export async function createFolder(name: string): Promise<FolderInfo> {
  return (await create({ ...http, body: { name } })).data.data;
}

export async function patchFolder(
  id: string,
  body: { name?: string; position?: number },
): Promise<FolderInfo> {
  return (await update({ ...at(id), body })).data.data;
}

export async function deleteFolder(id: string): Promise<void> {
  await remove(at(id));
}
