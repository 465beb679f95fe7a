import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import {
  ArchiveIcon,
  CardIcon,
  ChartIcon,
  ChevronDownIcon,
  KeyboardIcon,
  LogoutIcon,
  SettingsIcon,
  StarIcon,
} from "@/components/ui/icons";
import { Menu, MenuItem, MenuLine } from "@/components/ui/menu";
import { signOut } from "@/features/auth/sign-in";
import { useMe } from "@/features/auth/use-me";
import { PreferenceChoices } from "@/features/preferences/preference-choices";
import { useMediaQuery } from "@/lib/use-media-query";
import { useSidebar } from "@/routes/sidebar-context";

export function AccountMenu() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { showShortcuts } = useSidebar();
  const { data: me } = useMe();
  const touch = useMediaQuery("(pointer: coarse)");
  const premium = me?.subscriptionTier === "premium";
  const name = me?.fullName || me?.email || "";
  return (
    <Menu
      side="top"
      className="w-62"
      trigger={
        <button
          type="button"
          className="flex h-13 w-full items-center gap-2.5 rounded-md px-2.5 text-left hover:bg-hover data-popup-open:bg-hover"
        >
          <span
            aria-hidden="true"
            className="flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft text-sm font-semibold text-accent-text"
          >
            {[...name][0]?.toUpperCase()}
          </span>
          <span className="min-w-0 flex-1">
            <span className="block truncate text-sm font-medium">{name}</span>
            {me && (
              <span className="block text-xs text-text-3">
                {t(premium ? "models.premium" : "models.free")}
              </span>
            )}
          </span>
          <span className="sr-only">{t("preferences.account")}</span>
          <ChevronDownIcon className="rotate-180 text-text-3" />
        </button>
      }
    >
      {me && <p className="truncate px-2.5 pt-1.5 pb-1 text-xs text-text-3">{me.email}</p>}
      <MenuItem icon={<SettingsIcon />} onSelect={() => void navigate({ to: "/settings" })}>
        {t("preferences.title")}
      </MenuItem>
      {me && (
        <MenuItem
          icon={premium ? <CardIcon /> : <StarIcon />}
          onSelect={() => void navigate({ to: premium ? "/settings/billing" : "/plans" })}
        >
          {t(premium ? "upgrade.billing" : "upgrade.open")}
        </MenuItem>
      )}
      <MenuItem icon={<ArchiveIcon />} onSelect={() => void navigate({ to: "/archive" })}>
        {t("history.archiveTitle")}
      </MenuItem>
      {me?.role === "admin" && (
        <MenuItem icon={<ChartIcon />} onSelect={() => void navigate({ to: "/admin" })}>
          {t("preferences.admin")}
        </MenuItem>
      )}
      {!touch && (
        <MenuItem icon={<KeyboardIcon />} onSelect={showShortcuts}>
          {t("shortcuts.title")}
        </MenuItem>
      )}
      <MenuLine />
      <PreferenceChoices />
      <MenuLine />
      <MenuItem icon={<LogoutIcon />} onSelect={() => void signOut()}>
        {t("auth.logout")}
      </MenuItem>
    </Menu>
  );
}
