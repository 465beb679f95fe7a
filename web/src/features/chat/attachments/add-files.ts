import { deleteFile, getFileAllowance } from "@/client/sdk.gen";
import type { FileInfo } from "@/client/types.gen";
import { getPending, type PendingFile, setPending } from "@/features/chat/attachments/pending";
import { ApiError, isAbort, toApiError } from "@/lib/api/errors";
import { http } from "@/lib/api/http";
import { uploadTo } from "@/lib/api/upload";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";
import { uuid } from "@/lib/uuid";

const uploads = new Map<string, AbortController>();
/** So many at once: the server looks into each. */
const AT_ONCE = 2;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  while (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

const allowance = () =>
  queryClient.ensureQueryData({
    queryKey: keys.files,
    queryFn: async ({ signal }) => (await getFileAllowance({ ...http, signal })).data.data,
    staleTime: 60_000,
  });

function edit(chatId: string, key: string, change: Partial<PendingFile>) {
  const tray = getPending(chatId);
  setPending(
    chatId,
    tray.map((one) => (one.key === key ? { ...one, ...change } : one)),
    change.info !== undefined,
  );
}

async function upload(chatId: string, key: string, file: File) {
  const abort = new AbortController();
  uploads.set(key, abort);
  try {
    const limit = await allowance().catch(() => null);
    if (limit !== null && file.size > limit.bytesPerFile)
      throw new ApiError("FILE_TOO_LARGE", "", 413);
    const info = await inTurn(async () => {
      abort.signal.throwIfAborted();
      return uploadTo<FileInfo>(
        "/api/files",
        file,
        (progress) => edit(chatId, key, { progress }),
        abort.signal,
      );
    });
    edit(chatId, key, { phase: "ready", progress: 1, info });
    void queryClient.invalidateQueries({ queryKey: keys.files });
  } catch (error) {
    if (!isAbort(error)) edit(chatId, key, { phase: "failed", error: toApiError(error) });
  } finally {
    uploads.delete(key);
  }
}

/** Takes files into the composer of a chat, as many as the plan allows. Returns why some were left out. */
export async function addFiles(chatId: string, files: File[]): Promise<ApiError | null> {
  const limit = await allowance().catch(() => null);
  const tray = getPending(chatId);
  const room = (limit?.filesPerMessage ?? 5) - tray.length;
  const taken = files.slice(0, Math.max(0, room));
  const added = taken.map<PendingFile>((file) => ({
    key: uuid(),
    name: file.name,
    size: file.size,
    file,
    phase: "uploading",
    progress: 0,
    info: null,
    error: null,
  }));
  setPending(chatId, [...tray, ...added]);
  for (const one of added) if (one.file) void upload(chatId, one.key, one.file);
  return taken.length < files.length ? new ApiError("TOO_MANY_FILES", "", 400) : null;
}

export function retryFile(chatId: string, { key, file }: PendingFile) {
  if (file === null) return;
  edit(chatId, key, { phase: "uploading", progress: 0, error: null });
  void upload(chatId, key, file);
}

/** Takes a file out again, wherever it is on its way. */
export function removeFile(chatId: string, { key, info }: PendingFile) {
  uploads.get(key)?.abort();
  setPending(
    chatId,
    getPending(chatId).filter((one) => one.key !== key),
  );
  // One that was sent before (a message taken back) belongs to its chat: the refusal is right.
  if (info !== null) void deleteFile({ ...http, path: { file_id: info.id } }).catch(() => {});
}
