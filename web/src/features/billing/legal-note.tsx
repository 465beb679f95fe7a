import { useTranslation } from "react-i18next";
import { Documents } from "@/components/ui/documents";

/** Where one pays, and what one agrees to by it. */
export function LegalNote() {
  const { t } = useTranslation();
  return (
    <p className="text-xs text-pretty text-text-3">
      {t("checkout.methods")} <Documents before={t("checkout.terms")} />
    </p>
  );
}
