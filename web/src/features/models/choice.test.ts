import { describe, expect, it } from "vitest";
import type { ModelInfo } from "@/client/types.gen";
import { defaultModel, groupModels, matches } from "@/features/models/choice";

const model = (id: string, extra: Partial<ModelInfo> = {}): ModelInfo => ({
  id,
  name: id,
  provider: "OpenAI",
  tier: "free",
  source: "openrouter",
  contextLength: 8000,
  maxOutputTokens: null,
  pricing: null,
  available: true,
  unavailableReason: null,
  missingSetting: null,
  inPlan: true,
  servedBy: null,
  note: null,
  ...extra,
});

const local = model("local", { source: "local", provider: "Built in" });
const locked = model("locked", { inPlan: false });
const away = model("away", { available: false, provider: "Meta" });
const free = model("free");

describe("defaultModel", () => {
  it("is the last choice while it can be used", () => {
    expect(defaultModel([local, free], "local")).toBe(local);
    expect(defaultModel([local, locked, free], "locked")).toBe(free);
  });

  it("prefers a real model to the built-in one", () => {
    expect(defaultModel([local, away, free], null)).toBe(free);
    expect(defaultModel([local, away, locked], null)).toBe(local);
  });

  it("is none when nothing can be used", () => {
    expect(defaultModel([away, locked], null)).toBeNull();
  });
});

describe("groupModels", () => {
  it("puts what can be used first, in groups and inside of them", () => {
    const groups = groupModels([away, locked, free, local]);
    expect(groups.map((group) => group.provider)).toEqual(["OpenAI", "Built in", "Meta"]);
    expect(groups[0]?.models).toEqual([free, locked]);
  });
});

describe("matches", () => {
  it("finds every word, wherever it stands", () => {
    const sonnet = model("anthropic/claude-3.5-sonnet", { name: "Claude 3.5 Sonnet" });
    expect(matches(sonnet, "sonnet claude")).toBe(true);
    expect(matches(sonnet, "SONNET anthropic")).toBe(true);
    expect(matches(sonnet, "opus")).toBe(false);
    expect(matches(sonnet, "")).toBe(true);
  });
});
