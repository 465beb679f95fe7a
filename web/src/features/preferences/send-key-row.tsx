import { useTranslation } from "react-i18next";
import { Segmented } from "@/components/ui/segmented";
import { SettingsRow } from "@/components/ui/settings-row";
import { sendKey } from "@/lib/appearance";
import { MOD } from "@/lib/shortcuts";
import { useStoredChoice } from "@/lib/stored-choice";

export function SendKeyRow() {
  const { t } = useTranslation();
  const value = useStoredChoice(sendKey);
  return (
    <SettingsRow title={t("preferences.sendKey")} hint={t("preferences.sendKeyHint")}>
      <Segmented
        label={t("preferences.sendKey")}
        name="send-key"
        value={value}
        onChange={sendKey.set}
        options={[
          { value: "enter", label: "Enter" },
          { value: "mod-enter", label: `${MOD} + Enter` },
        ]}
      />
    </SettingsRow>
  );
}
