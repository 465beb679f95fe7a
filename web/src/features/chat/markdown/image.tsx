import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ImageIcon } from "@/components/ui/icons";
import { IMAGES, safeUrl } from "@/features/chat/markdown/safe-url";

/**
 * A picture an answer refers to. Its server would learn who reads the answer (and an answer can be made to
 * carry secrets in the address), so it is asked for only after a click, and never with a referrer.
 */
export function MarkdownImage({ href, alt }: { href: string; alt: string }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const url = safeUrl(href, IMAGES);
  if (url === null) return alt;
  if (shown) {
    return (
      <img
        src={url}
        alt={alt}
        referrerPolicy="no-referrer"
        loading="lazy"
        className="my-2 max-h-[28rem] max-w-full rounded-md"
      />
    );
  }
  return (
    <button
      type="button"
      onClick={() => setShown(true)}
      className="my-1 inline-flex max-w-full items-center gap-2 rounded-md border border-line bg-raised px-3 py-1.5 text-left text-sm text-text-2 hover:bg-hover"
    >
      <ImageIcon />
      <span className="min-w-0">
        <span className="block truncate">{alt || t("markdown.image")}</span>
        <span className="block truncate text-xs text-text-3">
          {t("markdown.loadImage", { host: new URL(url).host })}
        </span>
      </span>
    </button>
  );
}
