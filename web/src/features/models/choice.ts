import type { Model } from "@/lib/api/shapes";
import { readStored, writeStored } from "@/lib/storage";

export const isUsable = (model: Model) => model.available && model.inPlan;

export const readLastModel = () => readStored("model");
export const rememberModel = (id: string) => writeStored("model", id);

/** What a new chat begins with: the last choice, else a real model, else the built-in one. */
export function defaultModel(models: Model[], last: string | null): Model | null {
  const usable = models.filter(isUsable);
  return (
    usable.find((model) => model.id === last) ??
    usable.find((model) => model.source !== "local") ??
    usable[0] ??
    null
  );
}

export interface ModelGroup {
  provider: string;
  models: Model[];
}

/** Every word of the query must occur in the name, provider or id. */
export function matches(model: Model, query: string): boolean {
  const text = `${model.name} ${model.provider} ${model.id}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Groups by provider. Providers one can use now stand first, and in them the usable models. */
export function groupModels(models: Model[]): ModelGroup[] {
  const groups = new Map<string, Model[]>();
  for (const model of models) {
    const group = groups.get(model.provider) ?? [];
    groups.set(model.provider, group);
    group.push(model);
  }
  const rank = (model: Model) => (isUsable(model) ? 0 : model.available ? 1 : 2);
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
