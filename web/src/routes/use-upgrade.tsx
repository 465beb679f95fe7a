import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useState } from "react";
import type { ModelInfo } from "@/client/types.gen";
import { withTexts } from "@/i18n/i18n";
import { rememberUnfinished } from "@/lib/after-payment";
import type { ApiError } from "@/lib/api/errors";

const Paywall = lazy(() => withTexts("billing", import("@/features/billing/paywall")));

const WHY: Partial<Record<string, "model" | "messages" | "chats" | "long">> = {
  MODEL_NOT_IN_PLAN: "model",
  MESSAGE_LIMIT_REACHED: "messages",
  CHAT_LIMIT_REACHED: "chats",
  MESSAGE_TOO_LONG: "long",
};

/** The moments at which the free plan ends, and the way to Premium and back to where one was. */
export function useUpgrade(chatId: string | undefined) {
  const navigate = useNavigate();
  const [locked, setLocked] = useState<ModelInfo | null>(null);
  const from = chatId === undefined ? "/" : `/c/${chatId}`;
  const onUpgrade = useCallback(
    (error: ApiError) => {
      rememberUnfinished({ from });
      void navigate({ to: "/plans", search: { for: WHY[error.code] } });
    },
    [from, navigate],
  );
  const paywall = locked && (
    <Suspense>
      <Paywall
        model={locked.name}
        onClose={() => setLocked(null)}
        onOpen={() => {
          rememberUnfinished({ from, model: locked.id });
          void navigate({ to: "/plans", search: { for: "model" } });
        }}
      />
    </Suspense>
  );
  return { onUpgrade, onLocked: setLocked, paywall };
}
