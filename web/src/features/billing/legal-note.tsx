import { useTranslation } from "react-i18next";
import { offerUrl, privacyUrl } from "@/lib/operator";

const LINK = "underline decoration-line-strong underline-offset-3 hover:text-text";

/** Where one pays, and what one agrees to by it. */
export function LegalNote() {
  const { t } = useTranslation();
  const documents = [
    offerUrl && { href: offerUrl, name: t("checkout.offer") },
    privacyUrl && { href: privacyUrl, name: t("checkout.privacy") },
  ].filter((one) => one !== null && one !== "");
  return (
    <p className="text-xs text-pretty text-text-3">
      {t("checkout.methods")}
      {documents.length > 0 && ` ${t("checkout.terms")} `}
      {documents.map(({ href, name }, at) => (
        <span key={href}>
          {at > 0 && ` ${t("checkout.and")} `}
          <a href={href} target="_blank" rel="noopener" className={LINK}>
            {name}
          </a>
        </span>
      ))}
      {documents.length > 0 && "."}
    </p>
  );
}
