import { useTranslation } from "react-i18next";
import { Dialog } from "@/components/ui/dialog";
import { MOD, SHORTCUTS, type ShortcutName } from "@/lib/shortcuts";

const NAMES: Record<string, string> = { mod: MOD, shift: "Shift", Escape: "Esc", ArrowUp: "↑" };

export default function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const texts: Record<ShortcutName, string> = {
    search: t("history.search"),
    newChat: t("chat.newChat"),
    focusComposer: t("shortcuts.focusComposer"),
    toggleSidebar: t("shortcuts.toggleSidebar"),
    copyAnswer: t("shortcuts.copyAnswer"),
    editLast: t("shortcuts.editLast"),
    stop: t("shortcuts.stop"),
    settings: t("preferences.title"),
    help: t("shortcuts.title"),
  };
  return (
    <Dialog onClose={onClose} title={t("shortcuts.title")}>
      <dl className="mt-4 flex flex-col gap-2.5">
        {(Object.keys(SHORTCUTS) as ShortcutName[]).map((name) => (
          <div key={name} className="flex items-center justify-between gap-4 text-sm">
            <dt className="text-text-2">{texts[name]}</dt>
            <dd className="flex shrink-0 gap-1">
              {SHORTCUTS[name].keys.map((key) => (
                <kbd
                  key={key}
                  className="inline-flex h-6 min-w-6 items-center justify-center rounded-sm border border-line-strong bg-sunken px-1.5 font-sans text-xs"
                >
                  {NAMES[key] ?? key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
