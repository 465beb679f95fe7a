import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { AllowanceInfo } from "@/client/types.gen";
import { SettingsRow, SettingsSection } from "@/components/ui/settings-row";
import { usageQuery } from "@/features/usage/usage-meter";
import { formatMoment } from "@/i18n/moments";

/** What the plan allows and what of it is used, with the time it begins anew. */
export function UsageSettings() {
  const { t, i18n } = useTranslation();
  const { data } = useQuery(usageQuery);
  if (data === undefined) return null;
  const resets = ({ resetsAt }: AllowanceInfo) =>
    resetsAt && t("usage.resets", { when: formatMoment(t, i18n.language, resetsAt) });
  const number = (value: number) => value.toLocaleString(i18n.language);
  const amount = ({ used, limit }: AllowanceInfo) => (
    <span className="text-base tabular-nums">
      {t("usage.of", { used: number(used), limit: number(limit) })}
    </span>
  );
  return (
    <SettingsSection id="usage" title={t("usage.title")}>
      <SettingsRow title={t("usage.label")} hint={resets(data.messages)}>
        {amount(data.messages)}
      </SettingsRow>
      <SettingsRow title={t("usage.chats")} hint={data.chats.used > 0 ? resets(data.chats) : null}>
        {amount(data.chats)}
      </SettingsRow>
      <SettingsRow title={t("usage.tokensPerMessage")} hint={t("usage.tokensPerMessageHint")}>
        <span className="text-base tabular-nums">{number(data.tokensPerMessage)}</span>
      </SettingsRow>
    </SettingsSection>
  );
}
