import { QueryObserver } from "@tanstack/react-query";
import type { PreferencesInfo } from "@/client/types.gen";
import { preferencesQuery, savePreferences } from "@/features/preferences/preferences-query";
import {
  type Choices,
  onChoice,
  type Preference,
  showPreference,
  takeChoices,
} from "@/lib/preferences";
import { queryClient } from "@/lib/query-client";

/** Trying out three themes is one change. */
const PAUSE_MS = 600;

const NAMES: Preference[] = [
  "language",
  "theme",
  "textSize",
  "density",
  "sendKey",
  "defaultModel",
  "favouriteModels",
];

/** Shows here what was chosen on other devices, and tells the account what is chosen here. Returns how to stop. */
export function startSync(): () => void {
  let waiting: Choices = {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  function show(info: PreferencesInfo) {
    for (const name of NAMES) if (!(name in waiting)) showPreference(name, info[name]);
  }

  async function save() {
    const sent = waiting;
    try {
      await savePreferences(sent);
    } catch {
      // Kept on this device all the same; the next choice takes it along.
      return;
    }
    for (const name of NAMES)
      if (name in sent && waiting[name] === sent[name]) delete waiting[name];
    if (Object.keys(waiting).length > 0) later();
  }

  function later() {
    waiting = { ...waiting, ...takeChoices() };
    clearTimeout(timer);
    if (!over && Object.keys(waiting).length > 0) timer = setTimeout(() => void save(), PAUSE_MS);
  }

  const observer = new QueryObserver(queryClient, preferencesQuery);
  const stopWatching = observer.subscribe(({ data }) => data && show(data));
  const stopListening = onChoice(later);
  later();
  return () => {
    over = true;
    clearTimeout(timer);
    stopWatching();
    stopListening();
  };
}
