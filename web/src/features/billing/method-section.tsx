import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SubscriptionInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { SettingsRow } from "@/components/ui/settings-row";
import { goAndPay, useWakeUp } from "@/features/billing/go-and-pay";
import { methodName } from "@/features/billing/method-name";
import { useChangeMethod, useRemoveMethod } from "@/features/billing/queries";
import { useFormat } from "@/features/billing/use-format";
import { useErrorText } from "@/i18n/use-error-text";
import { showToast } from "@/lib/toasts";

/** Leaves for the page where a card is saved without a charge. */
export function useNewCard() {
  const errorText = useErrorText();
  const change = useChangeMethod();
  const { reset } = change;
  useWakeUp(useCallback(() => reset(), [reset]));
  return {
    busy: change.isPending || change.isSuccess,
    go: () =>
      change.mutate(undefined, {
        onSuccess: ({ confirmationUrl }) => goAndPay(confirmationUrl),
        onError: (error) => showToast(errorText(error)),
      }),
  };
}

/** What is charged at the next renewal: shown, replaced, removed. */
export function MethodRow({ subscription }: { subscription: SubscriptionInfo }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [removing, setRemoving] = useState(false);
  const card = useNewCard();
  const remove = useRemoveMethod();
  const method = subscription.paymentMethod;
  const end = subscription.graceUntil ?? subscription.currentPeriodEnd;
  return (
    <SettingsRow
      title={t("billing.method")}
      hint={method ? methodName(t, method.title) : t("billing.noMethod")}
    >
      <div className="flex gap-2">
        <Button size="sm" busy={card.busy} onClick={card.go}>
          {t(method ? "billing.changeMethod" : "billing.addMethod")}
        </Button>
        {method && (
          <Button size="sm" variant="quiet" onClick={() => setRemoving(true)}>
            {t("billing.removeMethod")}
          </Button>
        )}
      </div>
      {removing && (
        <ConfirmDialog
          danger
          title={t("billing.removeTitle")}
          lead={t("billing.removeLead", { date: end ? format.day(end) : "" })}
          confirm={t("billing.removeMethod")}
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() =>
            remove.mutate(undefined, {
              onSuccess: () => {
                showToast(t("billing.removed"));
                setRemoving(false);
              },
            })
          }
          onClose={() => setRemoving(false)}
        />
      )}
    </SettingsRow>
  );
}
