import { useCallback, useSyncExternalStore } from "react";
import type { FileInfo } from "@/client/types.gen";
import { readDraft, writeDraft } from "@/features/chat/drafts";
import { getTurn } from "@/features/chat/stream/turn-store";
import type { ApiError } from "@/lib/api/errors";

/** A file that stands in the composer. */
export interface PendingFile {
  key: string;
  name: string;
  size: number;
  /** Null where it is known from a draft. */
  file: File | null;
  phase: "uploading" | "ready" | "failed";
  /** From 0 to 1. */
  progress: number;
  info: FileInfo | null;
  error: ApiError | null;
}

/** Outside of React: an upload goes on while another chat is looked at. */
const trays = new Map<string, PendingFile[]>();
const listeners = new Set<() => void>();
const NONE: PendingFile[] = [];

export const toPending = (info: FileInfo): PendingFile => ({
  key: info.id,
  name: info.name,
  size: info.size,
  file: null,
  phase: "ready",
  progress: 1,
  info,
  error: null,
});

export function getPending(chatId: string): PendingFile[] {
  let tray = trays.get(chatId);
  if (tray === undefined) {
    const { files, clientMessageId } = readDraft(chatId);
    // A message on its way keeps its files in the draft too; they do not stand in the composer.
    const onItsWay = getTurn(chatId)?.request?.clientMessageId;
    const sent = clientMessageId !== null && clientMessageId === onItsWay;
    tray = files.length > 0 && !sent ? files.map(toPending) : NONE;
    trays.set(chatId, tray);
  }
  return tray;
}

/** What is ready is kept with the draft; what is still on its way would be lost with the page anyway. */
export function setPending(chatId: string, tray: PendingFile[], keep = true) {
  trays.set(chatId, tray);
  if (keep) writeDraft(chatId, { ...readDraft(chatId), files: readyFiles(tray) });
  for (const listener of listeners) listener();
}

export const readyFiles = (tray: PendingFile[]) =>
  tray.map((one) => one.info).filter((info): info is FileInfo => info !== null);

export function dropAllPending() {
  trays.clear();
  for (const listener of listeners) listener();
}

export function usePending(chatId: string): PendingFile[] {
  const subscribe = useCallback((listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
  return useSyncExternalStore(subscribe, () => getPending(chatId));
}
