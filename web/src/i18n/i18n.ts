import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type admin from "@/i18n/admin/ru.json";
import type billing from "@/i18n/billing/ru.json";
import type data from "@/i18n/data/ru.json";
import type files from "@/i18n/files/ru.json";
import type finding from "@/i18n/finding/ru.json";
import type ru from "@/i18n/ru.json";
import { preferenceChosen, takePreference } from "@/lib/preferences";
import { readStored, writeStored } from "@/lib/storage";

export const LANGUAGES = ["ru", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: {
      translation: typeof ru &
        typeof billing &
        typeof files &
        typeof data &
        typeof finding &
        typeof admin;
    };
  }
}

/** Only the language in use is loaded. */
const LOADERS: Record<Language, () => Promise<{ default: object }>> = {
  ru: () => import("@/i18n/ru.json"),
  en: () => import("@/i18n/en.json"),
};

/** Texts that only some pages need. They are loaded together with these pages, see `withTexts`. */
const PARTS = {
  admin: {
    ru: () => import("@/i18n/admin/ru.json"),
    en: () => import("@/i18n/admin/en.json"),
  },
  billing: {
    ru: () => import("@/i18n/billing/ru.json"),
    en: () => import("@/i18n/billing/en.json"),
  },
  files: {
    ru: () => import("@/i18n/files/ru.json"),
    en: () => import("@/i18n/files/en.json"),
  },
  data: {
    ru: () => import("@/i18n/data/ru.json"),
    en: () => import("@/i18n/data/en.json"),
  },
  finding: {
    ru: () => import("@/i18n/finding/ru.json"),
    en: () => import("@/i18n/finding/en.json"),
  },
} satisfies Record<string, Record<Language, () => Promise<{ default: object }>>>;
type Part = keyof typeof PARTS;

const wanted = new Set<Part>();
const loaded = new Set<string>();

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

async function add(language: Language, name: string, loader: () => Promise<{ default: object }>) {
  if (loaded.has(`${language}/${name}`)) return;
  const texts = await loader();
  i18next.addResourceBundle(language, "translation", texts.default, true, true);
  loaded.add(`${language}/${name}`);
}

async function load(language: Language) {
  const parts = [...wanted].map((part) => add(language, part, PARTS[part][language]));
  await Promise.all([add(language, "", LOADERS[language]), ...parts]);
}

/** The module of a page, once its part of the texts is there too. */
export async function withTexts<Page>(part: Part, page: Promise<Page>): Promise<Page> {
  wanted.add(part);
  await load(i18next.language as Language);
  return page;
}

export async function startI18n(language: Language = preferredLanguage()) {
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: {},
    interpolation: { escapeValue: false },
    react: { bindI18nStore: "added" },
  });
  loaded.clear(); // beginning anew forgets all texts
  await load(language);
  document.documentElement.lang = language;
}

/** The reader's choice. */
export async function setLanguage(language: Language) {
  preferenceChosen("language", language);
  await showLanguage(language);
}

takePreference("language", (language) => {
  if (language !== i18next.language) void showLanguage(language);
});

async function showLanguage(language: Language) {
  await load(language);
  await i18next.changeLanguage(language);
  writeStored("language", language);
  document.documentElement.lang = language;
}
