import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { PlanInfo } from "@/client/types.gen";
import { Badge } from "@/components/ui/badge";
import { CheckIcon } from "@/components/ui/icons";
import type { Period } from "@/features/billing/queries";
import { useFormat } from "@/features/billing/use-format";
import { cn } from "@/lib/cn";

export const priceFor = (plan: PlanInfo, period: Period): number | undefined =>
  plan.prices.find((one) => one.period === period)?.price;

/** One plan: what it costs, what it allows, and what can be done with it. */
export function PlanCard({
  plan,
  period,
  current,
  strong = false,
  children,
}: {
  plan: PlanInfo;
  period: Period;
  current: boolean;
  /** The one that is recommended. */
  strong?: boolean;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const premium = plan.id === "premium";
  const price = priceFor(plan, period) ?? plan.price;
  const year = priceFor(plan, "year");
  return (
    <section
      aria-labelledby={`plan-${plan.id}`}
      className={cn(
        "flex flex-col rounded-xl border bg-raised p-5 sm:p-6",
        strong ? "border-accent shadow-raised" : "border-line",
      )}
    >
      <div className="flex items-center gap-2">
        <h2 id={`plan-${plan.id}`} className="text-lg font-semibold tracking-tight">
          {plan.name}
        </h2>
        {current && <Badge tone={premium ? "accent" : "neutral"}>{t("plans.current")}</Badge>}
      </div>
      <p className="mt-0.5 text-sm text-text-2">
        {t(premium ? "plans.premiumLead" : "plans.freeLead")}
      </p>
      <p className="mt-4 flex flex-wrap items-baseline gap-x-2">
        <span className="text-2xl font-[580] tracking-[-0.022em] tabular-nums">
          {format.price(price)}
        </span>
        <span className="text-sm text-text-2">
          {t(
            price === 0 ? "plans.forever" : period === "year" ? "plans.perYear" : "plans.perMonth",
          )}
        </span>
      </p>
      {year !== undefined && (
        <p className="text-sm text-text-3">
          {t("plans.monthOfYear", { price: format.price(Math.round(year / 12)) })}
        </p>
      )}
      <ul className="mt-4 flex flex-col gap-2 text-base">
        {[
          t("plans.messages", {
            count: plan.messagesPerDay,
            amount: format.number(plan.messagesPerDay),
          }),
          t(premium ? "plans.modelsAll" : "plans.modelsFree"),
          t("plans.tokens", { amount: format.number(plan.tokensPerMessage) }),
          t("plans.context", { amount: format.number(plan.contextTokens) }),
          t("plans.chats", { count: plan.chatsPerHour, amount: format.number(plan.chatsPerHour) }),
        ].map((line) => (
          <li key={line} className="flex gap-2.5">
            <CheckIcon className={cn("mt-[0.2em]", premium ? "text-accent-text" : "text-text-3")} />
            {line}
          </li>
        ))}
      </ul>
      {children && <div className="mt-auto pt-6">{children}</div>}
    </section>
  );
}
