import { useTranslation } from "react-i18next";
import { offerUrl, privacyUrl } from "@/lib/operator";

const LINK = "underline decoration-line-strong underline-offset-3 hover:text-text";

/** What one agrees to by what is done here, in a sentence that begins with `before`; nothing where the operator has none. */
export function Documents({ before }: { before: string }) {
  const { t } = useTranslation();
  const documents = [
    offerUrl && { href: offerUrl, name: t("documents.offer") },
    privacyUrl && { href: privacyUrl, name: t("documents.privacy") },
  ].filter((one) => one !== null && one !== "");
  if (documents.length === 0) return null;
  return (
    <>
      {`${before} `}
      {documents.map(({ href, name }, at) => (
        <span key={href}>
          {at > 0 && ` ${t("documents.and")} `}
          <a href={href} target="_blank" rel="noopener" className={LINK}>
            {name}
          </a>
        </span>
      ))}
      .
    </>
  );
}
