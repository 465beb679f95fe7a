import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PlanInfo, PreviewInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { goAndPay, useWakeUp } from "@/features/billing/go-and-pay";
import { LegalNote } from "@/features/billing/legal-note";
import { priceFor } from "@/features/billing/plan-card";
import { PromoField } from "@/features/billing/promo-field";
import { type Period, useCheckout, usePreview } from "@/features/billing/queries";
import { useFormat } from "@/features/billing/use-format";
import { useErrorText } from "@/i18n/use-error-text";
import { toApiError } from "@/lib/api/errors";

/** Everything between choosing Premium and the payment page: consent, promo code, the sum, one button. */
export function CheckoutPanel({ plan, period }: { plan: PlanInfo; period: Period }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const [consent, setConsent] = useState(false);
  const [code, setCode] = useState("");
  const wish = { period, saveMethod: consent, ...(code !== "" && { promoCode: code }) };
  const preview = usePreview(wish, true);
  const order = useCheckout();
  const { reset } = order;
  useWakeUp(useCallback(() => reset(), [reset]));

  const problem = preview.isError ? toApiError(preview.error).code : null;
  const codeRefused = code !== "" && problem === "PROMO_CODE_INVALID";
  const price = priceFor(plan, period) ?? plan.price;
  const shown = preview.isError ? undefined : preview.data;
  // While another wish is being asked about, the last answer is not this one's.
  const seen = preview.isPlaceholderData ? undefined : shown;
  // Busy from the press until the page is left.
  const busy = order.isPending || order.isSuccess;
  const pay = () =>
    order.mutate(
      { plan: "premium", ...wish },
      { onSuccess: (paid) => goAndPay(paid.confirmationUrl) },
    );
  return (
    <div className="flex flex-col gap-4">
      <label className="flex cursor-pointer gap-3 rounded-lg border border-line bg-panel p-3.5">
        <input
          type="checkbox"
          checked={consent}
          onChange={(event) => setConsent(event.target.checked)}
          className="mt-0.5 size-4.5 shrink-0 accent-(--accent)"
        />
        <span>
          <span className="block text-base font-medium">{t("checkout.consent")}</span>
          <span className="mt-0.5 block text-sm text-text-2">
            {t(period === "year" ? "checkout.consentYear" : "checkout.consentMonth", {
              price: format.price(price),
            })}
          </span>
          {plan.trialDays > 0 && !consent && (
            <span className="mt-1 block text-sm text-accent-text">
              {t("checkout.trialHint", { count: plan.trialDays })}
            </span>
          )}
        </span>
      </label>
      <PromoField
        code={code}
        error={codeRefused ? errorText(preview.error) : null}
        busy={code !== "" && preview.isFetching}
        onCode={setCode}
      />
      {shown && (
        <div className={seen ? undefined : "opacity-50"}>
          <Sum preview={shown} />
        </div>
      )}
      {order.isError && <Notice>{errorText(order.error)}</Notice>}
      {problem !== null && !codeRefused && <Notice>{errorText(preview.error)}</Notice>}
      <Button variant="primary" busy={busy} disabled={codeRefused} onClick={pay} className="w-full">
        <PayLabel preview={seen} price={price} />
      </Button>
      <LegalNote />
    </div>
  );
}

function PayLabel({ preview, price }: { preview: PreviewInfo | undefined; price: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (preview?.kind === "trial") return t("checkout.startTrial", { count: preview.freeDays });
  if (preview?.amount === 0) return t("checkout.activate");
  return t("checkout.pay", { price: format.price(preview?.amount ?? price) });
}

/** What is paid now and for what; only lines that say something. */
export function Sum({ preview }: { preview: PreviewInfo }) {
  const { t } = useTranslation();
  const format = useFormat();
  const lines = [
    preview.discount > 0 && [t("checkout.discount"), `−${format.price(preview.discount)}`],
    preview.credit > 0 && [t("checkout.credit"), `−${format.price(preview.credit)}`],
  ].filter((line) => line !== false);
  return (
    <dl className="flex flex-col gap-1.5 text-sm" aria-live="polite">
      {lines.length > 0 && (
        <Line name={t("checkout.price")} value={format.price(preview.price)} quiet />
      )}
      {lines.map(([name, value]) => (
        <Line key={name} name={name ?? ""} value={value ?? ""} quiet />
      ))}
      <Line name={t("checkout.total")} value={format.price(preview.amount)} />
      {preview.kind === "purchase" && preview.freeDays > 0 && (
        <div className="text-accent-text">
          <dt className="sr-only">{t("checkout.promo")}</dt>
          <dd>{t("checkout.promoDays", { count: preview.freeDays })}</dd>
        </div>
      )}
      <div className="text-text-3">
        <dt className="sr-only">{t("plans.current")}</dt>
        <dd>{t("checkout.until", { date: format.day(preview.premiumUntil) })}</dd>
      </div>
    </dl>
  );
}

function Line({ name, value, quiet = false }: { name: string; value: string; quiet?: boolean }) {
  return (
    <div
      className={
        quiet
          ? "flex justify-between gap-4 text-text-2"
          : "flex justify-between gap-4 text-base font-medium"
      }
    >
      <dt>{name}</dt>
      <dd className="tabular-nums">{value}</dd>
    </div>
  );
}
