import { useTranslation } from "react-i18next";
import { Segmented } from "@/components/ui/segmented";
import { SettingsRow, SettingsSection } from "@/components/ui/settings-row";
import { LANGUAGE_NAMES, useThemes } from "@/features/preferences/preference-choices";
import { type Language, setLanguage } from "@/i18n/i18n";
import { density, textSize } from "@/lib/appearance";
import { useStoredChoice } from "@/lib/stored-choice";
import { setTheme, useTheme } from "@/lib/theme";

export function AppearanceSettings() {
  const { t, i18n } = useTranslation();
  const theme = useTheme();
  const themes = useThemes();
  const size = useStoredChoice(textSize);
  const spacing = useStoredChoice(density);
  return (
    <SettingsSection id="appearance" title={t("preferences.theme")}>
      <SettingsRow title={t("preferences.colours")}>
        <Segmented
          label={t("preferences.colours")}
          name="theme"
          value={theme}
          onChange={setTheme}
          options={themes}
        />
      </SettingsRow>
      <SettingsRow title={t("preferences.textSize")}>
        <Segmented
          label={t("preferences.textSize")}
          name="text-size"
          value={size}
          onChange={textSize.set}
          options={[
            { value: "small", label: t("preferences.small") },
            { value: "normal", label: t("preferences.normal") },
            { value: "large", label: t("preferences.large") },
            { value: "huge", label: t("preferences.huge") },
          ]}
        />
      </SettingsRow>
      <SettingsRow title={t("preferences.density")}>
        <Segmented
          label={t("preferences.density")}
          name="density"
          value={spacing}
          onChange={density.set}
          options={[
            { value: "comfortable", label: t("preferences.comfortable") },
            { value: "compact", label: t("preferences.compact") },
          ]}
        />
      </SettingsRow>
      <SettingsRow title={t("preferences.language")}>
        <Segmented
          label={t("preferences.language")}
          name="language"
          value={i18n.language as Language}
          onChange={(language) => void setLanguage(language)}
          options={LANGUAGE_NAMES}
        />
      </SettingsRow>
    </SettingsSection>
  );
}
