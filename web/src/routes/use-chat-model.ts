import { useCallback, useRef, useState } from "react";
import type { ChatInfo, ModelInfo } from "@/client/types.gen";
import {
  defaultModel,
  readDefaultModel,
  readLastModel,
  rememberModel,
} from "@/features/models/choice";
import { modelsQuery, useModels } from "@/features/models/use-models";
import { useErrorText } from "@/i18n/use-error-text";
import { patchChat } from "@/lib/api/chats";
import { patchCachedChat } from "@/lib/chat-cache";
import { queryClient } from "@/lib/query-client";
import { showToast } from "@/lib/toasts";

/** Which model answers next: the chat's own, or for a new chat the last one chosen. */
export function useChatModel(chat: ChatInfo | undefined) {
  const { data: models } = useModels();
  const errorText = useErrorText();
  const [last, setLast] = useState(() => readDefaultModel() ?? readLastModel());
  const [compared, setCompared] = useState<string[] | null>(null);
  const id = chat?.model ?? defaultModel(models ?? [], last)?.id ?? null;
  const model = models?.find((one) => one.id === id);

  const pick = useCallback(
    async () =>
      id ?? defaultModel(await queryClient.ensureQueryData(modelsQuery), last)?.id ?? null,
    [id, last],
  );

  const choose = useCallback(
    async (next: ModelInfo) => {
      rememberModel(next.id);
      setLast(next.id);
      if (chat === undefined || chat.model === next.id) return;
      patchCachedChat(chat.id, { model: next.id });
      try {
        await patchChat(chat.id, { model: next.id });
      } catch (error) {
        patchCachedChat(chat.id, { model: chat.model });
        showToast(errorText(error));
      }
    },
    [chat, errorText],
  );

  const nameOf = useCallback(
    (modelId: string | null) => models?.find((one) => one.id === modelId)?.name ?? modelId ?? null,
    [models],
  );

  const latest = useRef(choose);
  latest.current = choose;
  const stopComparing = useCallback(
    (kept: string | null) => {
      setCompared(null);
      const found = models?.find((one) => one.id === kept);
      if (found !== undefined) void latest.current(found);
    },
    [models],
  );

  return {
    id,
    compared,
    setCompared,
    stopComparing,
    pick,
    demo: model?.source === "local",
    blind: model?.vision === false ? model.name : null,
    choose,
    nameOf,
  };
}
