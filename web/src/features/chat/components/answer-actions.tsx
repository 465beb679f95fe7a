import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "@/components/ui/copy-button";
import { IconButton } from "@/components/ui/icon-button";
import { CopyIcon, MoreIcon, TextIcon } from "@/components/ui/icons";
import { Menu, MenuItem } from "@/components/ui/menu";
import { plainText } from "@/features/chat/markdown/plain-text";
import { cn } from "@/lib/cn";
import { copyText } from "@/lib/copy-text";
import { showToast } from "@/lib/toasts";

/** What can be done with an answer: always there under the last one, on hover and focus under the others. */
export function AnswerActions({
  text,
  last,
  meta,
  children,
}: {
  text: string;
  last: boolean;
  meta: ReactNode;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  const copy = async (what: string) => {
    if (await copyText(what)) showToast(t("common.copied"), undefined, 1600);
  };
  return (
    <div
      className={cn(
        "-mb-3 -ml-2 mt-1 flex min-h-8 flex-wrap items-center gap-0.5 transition-opacity duration-150 pointer-coarse:min-h-10",
        !last &&
          "opacity-0 focus-within:opacity-100 group-hover/answer:opacity-100 has-data-popup-open:opacity-100 pointer-coarse:opacity-100",
      )}
    >
      {text !== "" && <CopyButton text={text} label={t("chat.copyMessage")} />}
      {children}
      {text !== "" && (
        <Menu
          trigger={
            <IconButton label={t("chat.moreActions")}>
              <MoreIcon />
            </IconButton>
          }
        >
          <MenuItem icon={<CopyIcon />} onSelect={() => void copy(text)}>
            {t("chat.copyMarkdown")}
          </MenuItem>
          <MenuItem icon={<TextIcon />} onSelect={() => void copy(plainText(text))}>
            {t("chat.copyText")}
          </MenuItem>
        </Menu>
      )}
      <div className="ml-1.5 min-w-0 max-sm:ml-2 max-sm:basis-full max-sm:pb-1">{meta}</div>
    </div>
  );
}
