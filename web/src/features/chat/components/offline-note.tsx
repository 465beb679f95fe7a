import { useTranslation } from "react-i18next";
import { CloudOffIcon } from "@/components/ui/icons";
import { useServerAway } from "@/lib/live/state";
import { useOnline } from "@/lib/use-online";

/** Says that there is no network, or no server; both end by themselves. */
export function OfflineNote() {
  const { t } = useTranslation();
  const online = useOnline();
  const away = useServerAway();
  return (
    <div role="status">
      {(!online || away) && (
        <p className="animate-appear mb-2 flex items-center gap-2 px-2 text-sm text-warn">
          <CloudOffIcon />
          {t(online ? "page.reconnecting" : "page.offline")}
        </p>
      )}
    </div>
  );
}
