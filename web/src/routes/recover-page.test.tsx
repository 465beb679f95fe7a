import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import i18next from "i18next";
import type { FunctionComponent } from "react";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startI18n } from "@/i18n/i18n";

let RecoverPage: FunctionComponent;

// Whether the server sends letters stands in the page before the app is read.
beforeAll(async () => {
  const fact = document.createElement("meta");
  fact.name = "app-mail";
  fact.content = "on";
  document.head.append(fact);
  vi.resetModules();
  ({ default: RecoverPage } = await import("@/routes/recover-page"));
  fact.remove();
});

type Answer = [status: number, body: object];
const done = (data: object): Answer => [200, { success: true, data }];
const refused = (status: number, code: string): Answer => [
  status,
  { success: false, error: { code, message: code } },
];

const sent: [path: string, body: unknown][] = [];
function answer(answers: Record<string, Answer>) {
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname } = new URL(request.url);
    sent.push([pathname, await request.json()]);
    const [status, body] = answers[pathname] ?? refused(404, "NOT_FOUND");
    return new Response(JSON.stringify(body), {
      status,
      headers: { "Content-Type": "application/json" },
    });
  });
}

beforeEach(() => answer({}));
afterEach(() => {
  sent.length = 0;
  vi.unstubAllGlobals();
  return startI18n("en");
});

async function open(address: string) {
  const root = createRootRoute();
  const page = (path: string, component: FunctionComponent) =>
    createRoute({ getParentRoute: () => root, path, component });
  const router = createRouter({
    routeTree: root.addChildren([
      page("/recover", RecoverPage),
      page("/login", () => <h1>Logging in</h1>),
      page("/", () => <h1>The chat</h1>),
    ]),
    history: createMemoryHistory({ initialEntries: [address] }),
  });
  await router.load();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

const press = (name: string) => screen.getByRole("button", { name });

describe("asking for a link", () => {
  it("sends the address, and tells nobody whether it has an account", async () => {
    answer({ "/api/auth/forgot-password": done({}) });
    const user = await open("/recover");
    await user.type(screen.getByLabelText("Email"), " anna@example.com ");
    await user.click(press("Send the link"));
    expect(await screen.findByRole("heading", { name: "Check your mail" })).toBeTruthy();
    expect(screen.getByText(/^If anna@example.com has an account here/)).toBeTruthy();
    expect(sent).toEqual([
      ["/api/auth/forgot-password", { email: "anna@example.com", language: "en" }],
    ]);
    await user.click(screen.getByRole("link", { name: "Back to logging in" }));
    expect(await screen.findByRole("heading", { name: "Logging in" })).toBeTruthy();
  });

  it("says what is wrong with an address before anything is sent", async () => {
    const user = await open("/recover");
    await user.clear(screen.getByLabelText("Email"));
    await user.type(screen.getByLabelText("Email"), "anna@example");
    await user.click(press("Send the link"));
    expect(screen.getByText("This address looks mistyped")).toBeTruthy();
    expect(sent).toEqual([]);
  });

  it("is said in a sentence where it did not work, and can be tried again", async () => {
    answer({ "/api/auth/forgot-password": [502, {}] });
    const user = await open("/recover");
    await user.clear(screen.getByLabelText("Email"));
    await user.type(screen.getByLabelText("Email"), "anna@example.com{Enter}");
    expect(await screen.findByRole("alert")).toBeTruthy();
    answer({ "/api/auth/forgot-password": done({}) });
    await user.click(press("Send the link"));
    expect(await screen.findByRole("heading", { name: "Check your mail" })).toBeTruthy();
  });

  it.each([
    ["ru", "Забыли пароль? Здесь можно вернуться в AI Chat."],
    ["en", "Forgot your password? Here is the way back into AI Chat."],
  ] as const)(
    "is described to search engines in the page's language, here %s",
    async (language, text) => {
      const description = () =>
        document.querySelector<HTMLMetaElement>('meta[name="description"]')?.content;
      await startI18n(language);
      const user = await open("/recover");
      expect(description()).toBe(text);
      await user.click(screen.getByRole("link", { name: i18next.t("recover.back") }));
      await screen.findByRole("heading", { name: "Logging in" });
      expect(description()).toBeUndefined();
    },
  );
});

describe("following a link", () => {
  it("sets the password that is chosen and signs in with it", async () => {
    answer({
      "/api/auth/reset-password": done({ email: "anna@example.com" }),
      "/api/auth/login": done({ token: "t", user: {} }),
    });
    const user = await open("/recover#the-token");
    await user.type(screen.getByLabelText("New password"), "a better one");
    await user.click(press("Save and log in"));
    expect(await screen.findByRole("heading", { name: "The chat" })).toBeTruthy();
    expect(sent).toEqual([
      ["/api/auth/reset-password", { token: "the-token", password: "a better one" }],
      ["/api/auth/login", { email: "anna@example.com", password: "a better one" }],
    ]);
  });

  it("refuses a password that is too weak before anything is sent", async () => {
    const user = await open("/recover#the-token");
    await user.type(screen.getByLabelText("New password"), "short{Enter}");
    expect(screen.getByText("Use at least 8 characters")).toBeTruthy();
    expect(sent).toEqual([]);
  });

  it("leads to a new link where this one has expired", async () => {
    answer({ "/api/auth/reset-password": refused(400, "RECOVERY_LINK_INVALID") });
    const user = await open("/recover#the-token");
    await user.type(screen.getByLabelText("New password"), "a better one{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("is too old");
    await user.click(screen.getByRole("link", { name: "Ask for a new link" }));
    expect(await screen.findByRole("heading", { name: "Forgot your password?" })).toBeTruthy();
  });
});
