import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { OrderState } from "@/features/billing/order-state";
import { rememberModel } from "@/features/models/choice";
import { takeUnfinished } from "@/lib/after-payment";
import { patchChat } from "@/lib/api/chats";
import { patchCachedChat } from "@/lib/chat-cache";
import { usePageTitle } from "@/lib/use-page-title";
import { ChatHeader } from "@/routes/chat-header";

/** Where the payment page sends people back to. What happened is asked of the server, never read from the address. */
export default function ReturnPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { order } = useSearch({ from: "/app/checkout/return" });
  usePageTitle(t("paid.title"));
  const onChat = useCallback(async () => {
    const unfinished = takeUnfinished();
    const chatId = /^\/c\/([^/?#]+)/.exec(unfinished?.from ?? "")?.[1];
    if (unfinished?.model) {
      rememberModel(unfinished.model);
      if (chatId) {
        // Refused where the payment came to nothing: the chat then goes on with the model it has.
        await patchChat(chatId, { model: unfinished.model }).then(
          ({ model }) => patchCachedChat(chatId, { model }),
          () => {},
        );
      }
    }
    await navigate({ to: unfinished?.from ?? "/" });
  }, [navigate]);
  return (
    <>
      <ChatHeader title={null} />
      <div
        aria-live="polite"
        className="flex min-h-0 flex-1 flex-col justify-center overflow-y-auto pb-[12vh]"
      >
        <OrderState
          id={order}
          onChat={() => void onChat()}
          onPlans={() => void navigate({ to: "/plans" })}
          onBilling={() => void navigate({ to: "/settings/billing" })}
        />
      </div>
    </>
  );
}
