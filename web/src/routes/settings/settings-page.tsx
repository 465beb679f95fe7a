import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { SettingsRow, SettingsSection } from "@/components/ui/settings-row";
import { ProfileSettings } from "@/features/auth/profile-settings";
import { KeysSettings } from "@/features/keys/keys-settings";
import { DefaultModelRow } from "@/features/models/default-model-row";
import { AppearanceSettings } from "@/features/preferences/appearance-settings";
import { InstructionsSettings } from "@/features/preferences/instructions-settings";
import { SendKeyRow } from "@/features/preferences/send-key-row";
import { UsageSettings } from "@/features/usage/usage-settings";
import { withTexts } from "@/i18n/i18n";
import { announceSessionEnd, endSession } from "@/lib/api/session";
import { showToast } from "@/lib/toasts";
import { usePageTitle } from "@/lib/use-page-title";
import { ChatHeader } from "@/routes/chat-header";

const DataSettings = lazy(() => withTexts("data", import("@/features/data/data-settings")));

/** The account is gone: this page and the others of the browser say goodbye. */
function leave(word: string) {
  announceSessionEnd();
  endSession("signed-out");
  showToast(word);
}

/** All settings on one page, a section for each feature; a new feature adds its own section here. */
export default function SettingsPage() {
  const { t } = useTranslation();
  usePageTitle(t("preferences.title"));
  return (
    <>
      <ChatHeader title={null} />
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
        <div className="mx-auto flex w-full max-w-184 flex-col gap-9 px-4 pt-2 pb-16 sm:px-6">
          <h1 className="text-2xl font-[580] tracking-[-0.022em]">{t("preferences.title")}</h1>
          <ProfileSettings />
          <AppearanceSettings />
          <SettingsSection id="chat" title={t("preferences.chat")}>
            <DefaultModelRow />
            <SendKeyRow />
          </SettingsSection>
          <InstructionsSettings />
          <SettingsSection id="billing" title={t("upgrade.billing")}>
            <SettingsRow title={t("upgrade.billingHint")}>
              <Link
                to="/settings/billing"
                aria-label={`${t("upgrade.manage")}: ${t("upgrade.billing")}`}
                className="inline-flex h-8 items-center rounded-sm border border-line-strong bg-raised px-2.5 text-sm font-medium hover:bg-hover pointer-coarse:h-10"
              >
                {t("upgrade.manage")}
              </Link>
            </SettingsRow>
          </SettingsSection>
          <UsageSettings />
          <KeysSettings />
          <Suspense>
            <DataSettings onDeleted={() => leave(t("data.deleted"))} />
          </Suspense>
        </div>
      </div>
    </>
  );
}
