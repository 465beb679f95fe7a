import { useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PlansView } from "@/features/billing/plans-view";
import { WHYS } from "@/features/billing/why-note";
import { usePageTitle } from "@/lib/use-page-title";
import { ChatHeader } from "@/routes/chat-header";

export default function PlansPage() {
  const { t } = useTranslation();
  const { for: why } = useSearch({ from: "/app/plans" });
  usePageTitle(t("plans.title"));
  return (
    <>
      <ChatHeader title={null} />
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
        <div className="mx-auto flex w-full max-w-216 flex-col gap-6 px-4 pt-2 pb-16 sm:px-6">
          <div>
            <h1 className="text-2xl font-[580] tracking-[-0.022em]">{t("plans.title")}</h1>
            <p className="mt-1 text-base text-pretty text-text-2">{t("plans.lead")}</p>
          </div>
          <PlansView why={WHYS.find((one) => one === why)} />
        </div>
      </div>
    </>
  );
}
