import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { SettingsRow, SettingsSection } from "@/components/ui/settings-row";
import {
  ChangeProfileDialog,
  type ProfileChange,
  TITLES,
} from "@/features/auth/change-profile-dialog";
import { useMe } from "@/features/auth/use-me";

/** Who one is here: name, address, password. */
export function ProfileSettings() {
  const { t } = useTranslation();
  const { data: me } = useMe();
  const [changing, setChanging] = useState<ProfileChange | null>(null);
  const row = (what: ProfileChange, title: string, value: string) => (
    <SettingsRow title={title} hint={<span className="wrap-anywhere">{value}</span>}>
      <Button
        size="sm"
        aria-label={t(TITLES[what])}
        disabled={me === undefined}
        onClick={() => setChanging(what)}
      >
        {t("profile.changeShort")}
      </Button>
    </SettingsRow>
  );
  return (
    <SettingsSection id="profile" title={t("profile.title")}>
      {row("name", t("profile.name"), me?.fullName || (me ? t("profile.noName") : " "))}
      {row("email", t("auth.email"), me?.email ?? " ")}
      {row("password", t("auth.password"), t("profile.passwordHint"))}
      {changing && me && (
        <ChangeProfileDialog what={changing} me={me} onClose={() => setChanging(null)} />
      )}
    </SettingsSection>
  );
}
