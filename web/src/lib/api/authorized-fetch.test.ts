import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { authorizedFetch } from "@/lib/api/authorized-fetch";
import { NetworkError } from "@/lib/api/errors";
import { getToken, onSessionEnd, restore, setToken } from "@/lib/api/session";

const ORIGIN = "http://localhost";
const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

/** A server that accepts one token at a time and hands out the next one for the refresh cookie. */
function server(options: { refresh?: "works" | "refused" | "broken"; valid?: string } = {}) {
  const state = { valid: options.valid ?? "t1", refreshes: 0, sent: [] as (string | null)[] };
  vi.stubGlobal("fetch", async (input: Request | string) => {
    const url = typeof input === "string" ? input : input.url;
    if (url.endsWith("/api/auth/refresh")) {
      state.refreshes += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (options.refresh === "broken") throw new TypeError("network");
      if (options.refresh === "refused") return json(401, { success: false });
      return json(200, { success: true, data: { token: state.valid } });
    }
    const token = (input as Request).headers.get("authorization");
    state.sent.push(token);
    return token === `Bearer ${state.valid}` ? json(200, {}) : json(401, {});
  });
  return state;
}

beforeEach(() => setToken(null));
afterEach(() => vi.unstubAllGlobals());

describe("authorizedFetch", () => {
  it("sends the token and says who it is", async () => {
    const state = server();
    setToken("t1");
    expect((await authorizedFetch(`${ORIGIN}/api/usage`)).status).toBe(200);
    expect(state.sent).toEqual(["Bearer t1"]);
    expect(state.refreshes).toBe(0);
  });

  it("renews a refused token once for all requests that fail together, and repeats them", async () => {
    const state = server({ valid: "t2" });
    setToken("t1");
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        authorizedFetch(`${ORIGIN}/api/chat`, { method: "POST", body: "{}" }),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
    expect(state.refreshes).toBe(1);
    expect(getToken()).toBe("t2");
  });

  it("ends the session when the cookie is refused too", async () => {
    server({ valid: "t2", refresh: "refused" });
    setToken("t1");
    const ended = vi.fn();
    const off = onSessionEnd(ended);
    expect((await authorizedFetch(`${ORIGIN}/api/usage`)).status).toBe(401);
    expect(ended).toHaveBeenCalledExactlyOnceWith("expired");
    off();
  });

  it("keeps the session when the server cannot be asked", async () => {
    server({ valid: "t2", refresh: "broken" });
    setToken("t1");
    const ended = vi.fn();
    const off = onSessionEnd(ended);
    await authorizedFetch(`${ORIGIN}/api/usage`);
    expect(ended).not.toHaveBeenCalled();
    off();
  });

  it("does not renew for a wrong password", async () => {
    const state = server({ valid: "t2" });
    const answer = await authorizedFetch(`${ORIGIN}/api/auth/login`, { method: "POST" });
    expect(answer.status).toBe(401);
    expect(state.refreshes).toBe(0);
  });

  it("names a lost connection", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("Failed to fetch");
    });
    await expect(authorizedFetch(`${ORIGIN}/api/usage`)).rejects.toBeInstanceOf(NetworkError);
  });
});

describe("restore", () => {
  it("asks once on page load and not again", async () => {
    const state = server();
    expect(await Promise.all([restore(), restore()])).toEqual(["renewed", "renewed"]);
    expect(await restore()).toBe("renewed");
    expect(state.refreshes).toBe(1);
  });

  it("tells a missing session from a missing server", async () => {
    server({ refresh: "refused" });
    expect(await restore()).toBe("refused");
    server({ refresh: "broken" });
    expect(await restore()).toBe("unreachable");
  });
});
