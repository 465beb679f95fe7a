import { useTranslation } from "react-i18next";
import { CloudOffIcon } from "@/components/ui/icons";
import { useOnline } from "@/lib/use-online";

export function OfflineNote() {
  const { t } = useTranslation();
  const online = useOnline();
  return (
    <div role="status">
      {!online && (
        <p className="animate-appear mb-2 flex items-center gap-2 px-2 text-sm text-warn">
          <CloudOffIcon />
          {t("page.offline")}
        </p>
      )}
    </div>
  );
}
