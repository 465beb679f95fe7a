import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ChevronLeftIcon } from "@/components/ui/icons";
import { BillingView } from "@/features/billing/billing-view";
import { usePageTitle } from "@/lib/use-page-title";
import { ChatHeader } from "@/routes/chat-header";

export default function BillingPage() {
  const { t } = useTranslation();
  usePageTitle(t("billing.title"));
  return (
    <>
      <ChatHeader title={null} />
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
        <div className="mx-auto flex w-full max-w-184 flex-col gap-8 px-4 pt-2 pb-16 sm:px-6">
          <div>
            <Link
              to="/settings"
              className="-ml-1 inline-flex items-center gap-1 rounded-sm text-sm text-text-2 hover:text-text pointer-coarse:py-2"
            >
              <ChevronLeftIcon />
              {t("preferences.title")}
            </Link>
            <h1 className="text-2xl font-[580] tracking-[-0.022em]">{t("billing.title")}</h1>
          </div>
          <BillingView />
        </div>
      </div>
    </>
  );
}
