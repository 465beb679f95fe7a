import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import i18next from "i18next";
import { describe, expect, it } from "vitest";
import enAdmin from "@/i18n/admin/en.json";
import ruAdmin from "@/i18n/admin/ru.json";
import enBilling from "@/i18n/billing/en.json";
import ruBilling from "@/i18n/billing/ru.json";
import enData from "@/i18n/data/en.json";
import ruData from "@/i18n/data/ru.json";
import en from "@/i18n/en.json";
import { errorText } from "@/i18n/error-text";
import enFiles from "@/i18n/files/en.json";
import ruFiles from "@/i18n/files/ru.json";
import enFinding from "@/i18n/finding/en.json";
import ruFinding from "@/i18n/finding/ru.json";
import { setLanguage, withTexts } from "@/i18n/i18n";
import ru from "@/i18n/ru.json";
import { ApiError } from "@/lib/api/errors";
import openapi from "../../openapi.json";

type Tree = { [key: string]: string | Tree };

function flatten(tree: Tree, prefix = ""): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") flat.set(prefix + key, value);
    else for (const [name, text] of flatten(value, `${prefix}${key}.`)) flat.set(name, text);
  }
  return flat;
}

const PLURAL = /_(zero|one|two|few|many|other)$/;
/** What some pages bring along; some of it are sentences about errors that only they can meet. */
const parts = {
  ru: [ruBilling, ruFiles, ruData, ruFinding, ruAdmin],
  en: [enBilling, enFiles, enData, enFinding, enAdmin],
};
const texts = {
  ru: new Map([ru, ...parts.ru].flatMap((part) => [...flatten(part)])),
  en: new Map([en, ...parts.en].flatMap((part) => [...flatten(part)])),
};
const plain = (flat: Map<string, string>) => [...flat.keys()].filter((key) => !PLURAL.test(key));
const stems = (flat: Map<string, string>) =>
  [...new Set([...flat.keys()].filter((key) => PLURAL.test(key)))].map((key) =>
    key.replace(PLURAL, ""),
  );

describe("texts", () => {
  it("exist in both languages", () => {
    expect(plain(texts.en).sort()).toEqual(plain(texts.ru).sort());
    expect([...new Set(stems(texts.en))].sort()).toEqual([...new Set(stems(texts.ru))].sort());
  });

  it.each(["ru", "en"] as const)("have every plural form of %s", (language) => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const stem of stems(texts[language])) {
      const found = forms.filter((form) => texts[language].has(`${stem}_${form}`));
      expect(found, stem).toEqual(forms);
    }
  });

  it("of a page that is loaded later never replace those that are there", () => {
    const there = [ru, ...parts.ru].map((part) => [...flatten(part).keys()]);
    expect(new Set(there.flat()).size).toBe(there.flat().length);
  });

  it.each(["ru", "en"] as const)("are never empty in %s", (language) => {
    for (const [key, text] of texts[language]) expect(text.trim(), key).not.toBe("");
  });

  it("name the same variables in both languages", () => {
    const variables = (text = "") =>
      [...text.matchAll(/\{\{(\w+)\}\}/g)].map((hit) => hit[1]).sort();
    for (const [key, text] of texts.ru) {
      if (!PLURAL.test(key)) expect(variables(texts.en.get(key)), key).toEqual(variables(text));
    }
  });

  it("are all in use", () => {
    const src = join(import.meta.dirname, "..");
    const code = readdirSync(src, { recursive: true, encoding: "utf8" })
      .filter((file) => /\.tsx?$/.test(file) && !/\.test\.|^client\//.test(file))
      .map((file) => readFileSync(join(src, file), "utf8"))
      .join("\n");
    const built =
      /^(errors\.|palette\.(recent|titles|messages|actions)$|data\.(damaged|empty|too_long)$|reasons\.|admin\.(status|kind|reason|receipt|cause|movement|account|grant|subscriptionState|action|about|period)\.|admin\.mail\.(queued|sent|logged|failed)$|empty\.(morning|day|evening|night)$|history\.(today|yesterday|week|month)$)/;
    const names = [...plain(texts.ru), ...stems(texts.ru)].filter((key) => !built.test(key));
    expect(names.filter((key) => !code.includes(`"${key}"`))).toEqual([]);
  });
});

describe("errorText", () => {
  const codes = [...openapi.components.schemas.ErrorCode.enum, "NETWORK", "SERVER_AWAY"];

  it.each(["ru", "en"] as const)(
    "has a sentence for every code of the server in %s",
    async (language) => {
      await Promise.all(
        (["files", "data"] as const).map((part) => withTexts(part, Promise.resolve())),
      );
      await setLanguage(language);
      const unknown = i18next.t("errors.UNKNOWN", { code: "" });
      for (const code of codes) {
        const text = errorText(i18next.t, language, new ApiError(code, "", 400));
        expect(text, code).toMatch(/[.!]$/);
        expect(text, code).not.toContain(code);
        expect(text, code).not.toBe(unknown);
      }
      await setLanguage("en");
    },
  );

  it("says how much was used and when it begins anew", () => {
    const now = new Date(2026, 10, 22, 18, 0);
    const resetsAt = new Date(2026, 10, 23, 0, 0).toISOString();
    const error = new ApiError("MESSAGE_LIMIT_REACHED", "", 429, { limit: 50, used: 50, resetsAt });
    const text = errorText(i18next.t, "en", error, now);
    expect(text).toContain("50 of 50");
    expect(text).toContain("tomorrow at");
  });

  it("takes the time from Retry-After when the body has none", () => {
    const now = new Date(2026, 10, 22, 18, 0);
    const error = new ApiError("TOO_MANY_ATTEMPTS", "", 429, { retryAfter: 600 });
    expect(errorText(i18next.t, "en", error, now)).toMatch(/today at 0?6:10/);
  });

  it("stays a sentence for a code of a newer server", () => {
    const text = errorText(i18next.t, "en", new ApiError("BRAND_NEW", "", 400));
    expect(text).toBe("Something went wrong (BRAND_NEW). Try again.");
  });
});

describe("plural forms", () => {
  it("are the Russian ones", async () => {
    await setLanguage("ru");
    const left = (count: number) => i18next.t("usage.left", { count });
    expect([1, 2, 5, 21].map(left)).toEqual([
      "Осталось 1 сообщение на сегодня",
      "Осталось 2 сообщения на сегодня",
      "Осталось 5 сообщений на сегодня",
      "Осталось 21 сообщение на сегодня",
    ]);
    await setLanguage("en");
  });
});
