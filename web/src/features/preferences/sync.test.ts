import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startSync } from "@/features/preferences/sync";
import { density, sendKey } from "@/lib/appearance";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";
import { setTheme } from "@/lib/theme";

/** An account's preferences, behind the real client. */
function server(kept: Record<string, unknown>) {
  const state = { kept, patches: [] as unknown[] };
  vi.stubGlobal("fetch", async (request: Request) => {
    if (request.method === "PATCH") {
      const body = JSON.parse(await request.text());
      state.patches.push(body);
      state.kept = { ...state.kept, ...body };
    }
    return new Response(JSON.stringify({ success: true, data: state.kept }), {
      headers: { "Content-Type": "application/json" },
    });
  });
  return state;
}

let stop = () => {};
beforeEach(() => {
  queryClient.clear();
  localStorage.clear();
});
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
});

describe("preferences", () => {
  it("of the account are shown, and what was never chosen stays as it is", async () => {
    server({ theme: "dark", density: null });
    density.set("compact");
    stop = startSync();
    await vi.waitFor(() => expect(document.documentElement.dataset.theme).toBe("dark"));
    expect(density.get()).toBe("compact");
  });

  it("chosen here go to the account once, however many there were", async () => {
    const account = server({});
    stop = startSync();
    setTheme("dark");
    setTheme("light");
    sendKey.set("mod-enter");
    await vi.waitFor(() => expect(account.patches.length).toBeGreaterThan(0), 3000);
    expect(account.patches.at(-1)).toMatchObject({ theme: "light", sendKey: "mod-enter" });
    expect(account.patches).toHaveLength(1);
  });

  it("chosen on another device arrive while the page is open, but never undo what is chosen now", async () => {
    const account = server({ theme: "light" });
    stop = startSync();
    await vi.waitFor(() => expect(queryClient.getQueryData(keys.preferences)).toBeTruthy());
    sendKey.set("enter");
    account.kept = { theme: "dark", sendKey: "mod-enter" };
    await queryClient.invalidateQueries({ queryKey: keys.preferences });
    await vi.waitFor(() => expect(document.documentElement.dataset.theme).toBe("dark"));
    expect(sendKey.get()).toBe("enter");
  });
});
