import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { DownloadIcon, GlobeIcon, MoreIcon } from "@/components/ui/icons";
import { Menu, MenuItem } from "@/components/ui/menu";
import { withTexts } from "@/i18n/i18n";
import { useErrorText } from "@/i18n/use-error-text";
import { saveResponse } from "@/lib/save-response";
import { showToast } from "@/lib/toasts";

const ShareDialog = lazy(() => withTexts("data", import("@/features/sharing/share-dialog")));

/** What can be done with the open chat as a whole. */
export default function ChatMenu({ chatId }: { chatId: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [sharing, setSharing] = useState(false);
  const save = (format: "md" | "json") => () =>
    saveResponse(`/api/chat/${chatId}/export?format=${format}`, `chat.${format}`).catch(
      (error: unknown) => showToast(errorText(error)),
    );
  return (
    <>
      <Menu
        align="end"
        trigger={
          <IconButton label={t("chat.menu")}>
            <MoreIcon className="text-lg" />
          </IconButton>
        }
      >
        <MenuItem icon={<GlobeIcon />} onSelect={() => setSharing(true)}>
          {t("chat.share")}
        </MenuItem>
        <MenuItem icon={<DownloadIcon />} onSelect={save("md")}>
          {t("chat.exportMarkdown")}
        </MenuItem>
        <MenuItem icon={<DownloadIcon />} onSelect={save("json")}>
          {t("chat.exportJson")}
        </MenuItem>
      </Menu>
      {sharing && (
        <Suspense>
          <ShareDialog chatId={chatId} onClose={() => setSharing(false)} />
        </Suspense>
      )}
    </>
  );
}
