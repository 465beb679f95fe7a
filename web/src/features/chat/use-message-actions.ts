import { useCallback, useMemo } from "react";
import type { MessageInfo } from "@/client/types.gen";
import { readDraft } from "@/features/chat/drafts";
import { focusComposer, focusStep } from "@/features/chat/focus";
import type { MessageActions } from "@/features/chat/message-actions";
import { continueAnswer, editMessage, regenerate } from "@/features/chat/stream/actions";
import { isBusy } from "@/features/chat/stream/turn";
import { getTurn } from "@/features/chat/stream/turn-store";
import { useErrorText } from "@/i18n/use-error-text";
import { chooseBranch } from "@/lib/api/chats";
import { ApiError } from "@/lib/api/errors";
import { isCached, putCachedThread } from "@/lib/chat-cache";
import { requestJump } from "@/lib/jump";
import { showToast } from "@/lib/toasts";

interface Surroundings {
  setText: (text: string) => void;
  onCompared: (kept: string | null) => void;
  onChooseModel: () => void;
  onRegenerateWith: (answer: MessageInfo) => void;
  onUpgrade?: (error: ApiError) => void;
}

/** What can be done with the messages of this chat. */
export function useMessageActions(key: string, around: Surroundings): MessageActions {
  const { setText, onCompared, onChooseModel, onRegenerateWith, onUpgrade } = around;
  const errorText = useErrorText();
  const choose = useCallback(
    (messageId: string) => {
      const step = (document.activeElement as HTMLElement | null)?.dataset.step;
      chooseBranch(key, messageId)
        .then(putCachedThread)
        .then(
          () => {
            if (isCached(key, messageId)) focusStep(messageId, step);
            else requestJump({ chatId: key, messageId });
          },
          (error: unknown) => showToast(errorText(error)),
        );
    },
    [key, errorText],
  );
  const upgrade = useCallback(
    (error: ApiError) => {
      // A text in the composer survives the way to the payment page; one in an edited question would not.
      const request = getTurn(key)?.request;
      if (request?.kind === "edit" && readDraft(key).text.trim() === "") setText(request.content);
      onUpgrade?.(error);
    },
    [key, onUpgrade, setText],
  );
  return useMemo(() => {
    const mayBegin = () => {
      if (!isBusy(getTurn(key))) return true;
      showToast(errorText(new ApiError("GENERATION_IN_PROGRESS", "", 409)));
      return false;
    };
    const begin = (act: () => void) => {
      if (!mayBegin()) return false;
      act();
      return true;
    };
    const beginFromComposer = (act: () => void) =>
      begin(() => {
        focusComposer();
        act();
      });
    return {
      mayBegin,
      regenerate: (answer) => beginFromComposer(() => regenerate(key, answer)),
      regenerateWith: (answer) => begin(() => onRegenerateWith(answer)),
      edit: (question, text) => beginFromComposer(() => editMessage(key, question, text)),
      goOn: (last) => beginFromComposer(() => continueAnswer(key, last)),
      chooseBranch: (messageId) => begin(() => choose(messageId)),
      keepAnswer: (answer) => {
        focusComposer();
        onCompared(answer.model);
        choose(answer.id);
      },
      chooseModel: onChooseModel,
      upgrade: onUpgrade && upgrade,
    };
  }, [key, choose, onCompared, onChooseModel, onRegenerateWith, onUpgrade, upgrade, errorText]);
}
