import type { PreferencesInfo } from "@/client/types.gen";

/**
 * What a reader chooses about the page is kept on the device, for the first paint, and in the account, so that devices
 * agree. Stores of choices report here what was chosen; features/preferences/sync.ts carries it to and from the server.
 */
export type Preference = Exclude<keyof PreferencesInfo, "customInstructions">;
export type Choices = Partial<Pick<PreferencesInfo, Preference>>;

type Takers = { [Name in Preference]?: (value: NonNullable<PreferencesInfo[Name]>) => void };

const takers: Takers = {};
let chosen: Choices = {};
const listeners = new Set<() => void>();

/** Who shows a preference that was chosen on another device. */
export function takePreference<Name extends Preference>(name: Name, take: Takers[Name]) {
  takers[name] = take;
}

export function showPreference<Name extends Preference>(name: Name, value: PreferencesInfo[Name]) {
  if (value != null) takers[name]?.(value);
}

/** The reader has chosen, here and now. */
export function preferenceChosen<Name extends Preference>(
  name: Name,
  value: PreferencesInfo[Name],
) {
  chosen = { ...chosen, [name]: value };
  for (const listener of listeners) listener();
}

/** What was chosen and is not in the account yet; from now on it is the caller's to bring there. */
export function takeChoices(): Choices {
  const taken = chosen;
  chosen = {};
  return taken;
}

export function onChoice(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
