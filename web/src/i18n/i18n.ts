import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type ru from "@/i18n/ru.json";
import { preferenceChosen, takePreference } from "@/lib/preferences";
import { readStored, writeStored } from "@/lib/storage";

export const LANGUAGES = ["ru", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof ru };
  }
}

/** Only the language in use is loaded. */
const LOADERS: Record<Language, () => Promise<{ default: object }>> = {
  ru: () => import("@/i18n/ru.json"),
  en: () => import("@/i18n/en.json"),
};

const isLanguage = (value: string | null | undefined): value is Language =>
  LANGUAGES.includes(value as Language);

/** The reader's own choice, else what the browser asks for, else what the operator has set. */
export function preferredLanguage(): Language {
  const chosen = readStored("language");
  if (isLanguage(chosen)) return chosen;
  for (const tag of navigator.languages) {
    const language = tag.slice(0, 2).toLowerCase();
    if (isLanguage(language)) return language;
  }
  const preset = document.querySelector<HTMLMetaElement>('meta[name="app-locale"]')?.content;
  return isLanguage(preset) ? preset : "ru";
}

async function load(language: Language) {
  if (i18next.hasResourceBundle(language, "translation")) return;
  const texts = await LOADERS[language]();
  i18next.addResourceBundle(language, "translation", texts.default);
}

export async function startI18n(language: Language = preferredLanguage()) {
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: {},
    interpolation: { escapeValue: false },
    react: { bindI18nStore: "added" },
  });
  await load(language);
  document.documentElement.lang = language;
}

/** The reader's choice. */
export async function setLanguage(language: Language) {
  preferenceChosen("language", language);
  await showLanguage(language);
}

takePreference("language", (language) => void showLanguage(language));

async function showLanguage(language: Language) {
  if (language === i18next.language) return;
  await load(language);
  await i18next.changeLanguage(language);
  writeStored("language", language);
  document.documentElement.lang = language;
}
