import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import {
  ArchiveIcon,
  ColumnsIcon,
  KeyboardIcon,
  MoonIcon,
  PenIcon,
  ScreenIcon,
  SettingsIcon,
  SunIcon,
} from "@/components/ui/icons";
import type { PaletteAction } from "@/features/history/palette/entries";
import PaletteDialog from "@/features/history/palette/palette";
import { findCommand } from "@/lib/commands";
import { requestJump } from "@/lib/jump";
import { SHORTCUTS } from "@/lib/shortcuts";
import { setTheme } from "@/lib/theme";
import { useSidebar } from "@/routes/sidebar-context";

/** Everything that can be reached from anywhere, behind one key. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { showShortcuts } = useSidebar();
  const chooseModel = findCommand("models");
  const icons = {
    new: <PenIcon />,
    models: <ColumnsIcon />,
    archive: <ArchiveIcon />,
    settings: <SettingsIcon />,
    light: <SunIcon />,
    dark: <MoonIcon />,
    system: <ScreenIcon />,
    shortcuts: <KeyboardIcon />,
  };
  const action = (
    id: keyof typeof icons,
    label: string,
    run: () => void,
    keys?: readonly string[],
  ): PaletteAction => ({ id, label, icon: icons[id], run, ...(keys && { keys }) });
  const to = (path: "/" | "/settings" | "/archive") => () => void navigate({ to: path });
  const actions = [
    action("new", t("chat.newChat"), to("/"), SHORTCUTS.newChat.keys),
    ...(chooseModel ? [action("models", t("palette.models"), chooseModel)] : []),
    action("archive", t("archive.title"), to("/archive")),
    action("settings", t("preferences.title"), to("/settings"), SHORTCUTS.settings.keys),
    action("light", t("palette.lightTheme"), () => setTheme("light")),
    action("dark", t("palette.darkTheme"), () => setTheme("dark")),
    action("system", t("palette.systemTheme"), () => setTheme("system")),
    action("shortcuts", t("shortcuts.title"), showShortcuts, SHORTCUTS.help.keys),
  ];
  function onChat(chatId: string, messageId: string | null) {
    if (messageId !== null) requestJump({ chatId, messageId });
    void navigate({ to: "/c/$chatId", params: { chatId } });
  }
  return <PaletteDialog actions={actions} onChat={onChat} onClose={onClose} />;
}
