import i18next from "i18next";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatDay, formatRoubles } from "@/features/billing/format";
import { methodName } from "@/features/billing/method-name";
import { reasonText } from "@/features/billing/reason";
import { setLanguage, withTexts } from "@/i18n/i18n";

beforeAll(async () => {
  await withTexts("billing", Promise.resolve());
  await setLanguage("ru");
});
afterAll(() => setLanguage("en"));

describe("the words about money", () => {
  it("explain why a payment came to nothing, also for a reason nobody has heard of", () => {
    expect(reasonText(i18next.t, "insufficient_funds")).toContain("не хватило денег");
    const other = reasonText(i18next.t, null);
    expect(reasonText(i18next.t, "brand_new_reason")).toBe(other);
    expect(reasonText(i18next.t, "insufficient_funds.x")).toBe(other);
  });

  it("name payment methods in the reader's language", () => {
    expect(methodName(i18next.t, "Bank card *4444")).toBe("Карта •••• 4444");
    expect(methodName(i18next.t, "YooMoney wallet 410011758831136")).toBe("ЮMoney •••• 1136");
    expect(methodName(i18next.t, "СБП")).toBe("СБП");
  });

  it("come in the language that is chosen later, too", async () => {
    await setLanguage("en");
    expect(methodName(i18next.t, "Bank card *4444")).toBe("Card •••• 4444");
    await setLanguage("ru");
  });

  it("show kopecks only where there are some", () => {
    const plain = (text: string) => text.replace(/\s/g, " ");
    expect(plain(formatRoubles("ru", 990))).toBe("990 ₽");
    expect(plain(formatRoubles("ru", 8910.01))).toBe("8 910,01 ₽");
    expect(formatDay("ru", "2026-12-27T12:00:00Z")).toBe("27 декабря 2026");
  });
});
