import type { ModelInfo } from "@/client/types.gen";
import { preferenceChosen, takePreference } from "@/lib/preferences";
import { readStored, writeStored } from "@/lib/storage";

export const isUsable = (model: ModelInfo) => model.available && model.inPlan;

export const readLastModel = () => readStored("model");
export const rememberModel = (id: string) => writeStored("model", id);

/** The model of the settings for new chats; null where the last choice counts. */
export const readDefaultModel = () => readStored("default-model");
export function rememberDefaultModel(id: string | null) {
  writeStored("default-model", id);
  preferenceChosen("defaultModel", id);
}
takePreference("defaultModel", (id) => writeStored("default-model", id));

/** What a new chat begins with: the last choice, else a real model, else the built-in one. */
export function defaultModel(models: ModelInfo[], last: string | null): ModelInfo | null {
  const usable = models.filter(isUsable);
  return (
    usable.find((model) => model.id === last) ??
    usable.find((model) => model.source !== "local") ??
    usable[0] ??
    null
  );
}

export type ModelFilter = "all" | "favourite" | "free";

export function passes(model: ModelInfo, filter: ModelFilter, favourites: readonly string[]) {
  if (filter === "favourite") return favourites.includes(model.id);
  return filter === "all" || model.tier === "free";
}

/** What an answer costs, roughly: "" where nobody knows, else one to three signs by the price of a million tokens. */
export function priceClass(model: ModelInfo): "" | "0" | "$" | "$$" | "$$$" {
  if (model.pricing === null) return "";
  const dollars = Number(model.pricing.completion);
  if (!Number.isFinite(dollars)) return "";
  if (dollars === 0) return "0";
  if (dollars < 2) return "$";
  return dollars < 12 ? "$$" : "$$$";
}

/** As many answers can be compared. */
export const MAX_COMPARED = 3;

export interface ModelGroup {
  provider: string;
  models: ModelInfo[];
}

/** Every word of the query must occur in the name, provider or id. */
export function matches(model: ModelInfo, query: string): boolean {
  const text = `${model.name} ${model.provider} ${model.id}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Groups by provider. Providers one can use now stand first, and in them the usable models. */
export function groupModels(models: ModelInfo[]): ModelGroup[] {
  const groups = new Map<string, ModelInfo[]>();
  for (const model of models) {
    const group = groups.get(model.provider) ?? [];
    groups.set(model.provider, group);
    group.push(model);
  }
  const rank = (model: ModelInfo) => (isUsable(model) ? 0 : model.available ? 1 : 2);
  return [...groups]
    .map(([provider, list]) => ({
      provider,
      models: list.toSorted((a, b) => rank(a) - rank(b)),
    }))
    .toSorted((a, b) => {
      const [first, second] = [a.models[0], b.models[0]];
      return first && second ? rank(first) - rank(second) : 0;
    });
}
