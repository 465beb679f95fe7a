import { cleanup } from "@testing-library/react";
import { afterEach, beforeAll } from "vitest";
import { startI18n } from "@/i18n/i18n";

beforeAll(() => startI18n("en"));
afterEach(cleanup);

// jsdom has neither.
globalThis.CSS ??= {
  supports: () => false,
  escape: (text: string) => text,
} as unknown as typeof CSS;
window.matchMedia ??= (query: string) =>
  ({
    matches: false,
    media: query,
    addEventListener() {},
    removeEventListener() {},
  }) as unknown as MediaQueryList;
