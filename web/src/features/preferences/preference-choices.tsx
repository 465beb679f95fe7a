import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { MoonIcon, ScreenIcon, SunIcon } from "@/components/ui/icons";
import { MenuChoice, MenuLine } from "@/components/ui/menu";
import { type Language, setLanguage } from "@/i18n/i18n";
import { setTheme, type Theme, useTheme } from "@/lib/theme";

/** A language is called by its own name, so that whoever needs it can read it. */
export const LANGUAGE_NAMES: { value: Language; label: string }[] = [
  { value: "ru", label: "Русский" },
  { value: "en", label: "English" },
];

/** The themes there are, each with its name and sign. */
export function useThemes(): { value: Theme; label: string; icon: ReactNode }[] {
  const { t } = useTranslation();
  return [
    { value: "light", label: t("preferences.light"), icon: <SunIcon /> },
    { value: "dark", label: t("preferences.dark"), icon: <MoonIcon /> },
    { value: "system", label: t("preferences.system"), icon: <ScreenIcon /> },
  ];
}

/** Theme and language, as the rows of a menu. */
export function PreferenceChoices() {
  const { t, i18n } = useTranslation();
  const theme = useTheme();
  const themes = useThemes();
  return (
    <>
      <MenuChoice
        label={t("preferences.theme")}
        value={theme}
        onChange={setTheme}
        options={themes}
      />
      <MenuLine />
      <MenuChoice
        label={t("preferences.language")}
        value={i18n.language as Language}
        onChange={setLanguage}
        options={LANGUAGE_NAMES}
      />
    </>
  );
}
