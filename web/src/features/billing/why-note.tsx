import { useTranslation } from "react-i18next";
import type { PlanInfo } from "@/client/types.gen";
import { useFormat } from "@/features/billing/use-format";

export const WHYS = ["model", "messages", "chats", "long"] as const;
/** What somebody ran into on the free plan. */
export type Why = (typeof WHYS)[number];

/** Takes up where they were: what was refused, what Premium has of it, and that nothing is lost. */
export function WhyNote({ why, plan }: { why: Why; plan: PlanInfo }) {
  const { t } = useTranslation();
  const format = useFormat();
  const sentences: Record<Why, string> = {
    model: t("paywall.forModel"),
    messages: t("paywall.forMessages", { amount: format.number(plan.messagesPerDay) }),
    chats: t("paywall.forChats", { amount: format.number(plan.chatsPerHour) }),
    long: t("paywall.forLong", { amount: format.number(plan.tokensPerMessage) }),
  };
  return (
    <p className="rounded-lg bg-accent-soft px-4 py-3 text-sm text-accent-text">{sentences[why]}</p>
  );
}
