import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { withTexts } from "@/i18n/i18n";
import { restore } from "@/lib/api/session";
import { AppLayout } from "@/routes/app-layout";
import { LoginPage, RegisterPage } from "@/routes/auth-pages";
import { ChatLayout } from "@/routes/chat-layout";
import { CrashPage, NotFoundPage, ServerAwayPage, StartingPage } from "@/routes/fallback-pages";
import { safeReturn } from "@/routes/safe-return";

export interface ReturnSearch {
  /** Where the user was before signing in; only a path of this application. */
  from?: string;
  /** The session ended by itself. */
  ended?: boolean;
}

function readReturn(search: Record<string, unknown>): ReturnSearch {
  const from = safeReturn(search.from);
  return { ...(from && { from }), ...(search.ended === true && { ended: true }) };
}

/** The server could not be asked who this is; an error, so that the page offers to try again. */
export class ServerAway extends Error {}

const rootRoute = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFoundPage,
  errorComponent: CrashPage,
});

/** Everything that needs a signed-in user. */
const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "app",
  beforeLoad: async ({ location }) => {
    const outcome = await restore();
    if (outcome === "unreachable") throw new ServerAway();
    if (outcome === "refused") {
      const from = safeReturn(location.href);
      throw redirect({ to: "/login", search: from ? { from } : {} });
    }
  },
  component: AppLayout,
  pendingComponent: StartingPage,
  errorComponent: ({ error, reset }) =>
    error instanceof ServerAway ? <ServerAwayPage onRetry={reset} /> : <CrashPage error={error} />,
});

/** One component for a new chat and an open one, so that the first message does not rebuild the page. */
const chatRoute = createRoute({
  getParentRoute: () => appRoute,
  id: "chat",
  component: ChatLayout,
});

const settingsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("@/routes/settings/settings-page")),
});

const plansRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/plans",
  validateSearch: (search: Record<string, unknown>): { for?: string } =>
    typeof search.for === "string" ? { for: search.for } : {},
  component: lazyRouteComponent(() => withTexts("billing", import("@/routes/billing/plans-page"))),
});

const billingRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/settings/billing",
  component: lazyRouteComponent(() =>
    withTexts("billing", import("@/routes/billing/billing-page")),
  ),
});

const checkoutReturnRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/checkout/return",
  validateSearch: ({ order }: Record<string, unknown>): { order?: string } =>
    typeof order === "string" ? { order } : {},
  component: lazyRouteComponent(() => withTexts("billing", import("@/routes/billing/return-page"))),
});

/** The operator's pages; whoever is none finds nothing there. */
const adminRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/admin",
  component: lazyRouteComponent(() => withTexts("admin", import("@/routes/admin/admin-layout"))),
});

const adminPages = () => import("@/routes/admin/pages");
const adminPage = <Path extends string>(
  path: Path,
  page: Exclude<keyof Awaited<ReturnType<typeof adminPages>>, "default">,
) =>
  createRoute({
    getParentRoute: () => adminRoute,
    path,
    component: lazyRouteComponent(adminPages, page),
  });

const archiveRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/archive",
  component: lazyRouteComponent(() => withTexts("finding", import("@/routes/archive-page"))),
});

const newChatRoute = createRoute({ getParentRoute: () => chatRoute, path: "/" });
const openChatRoute = createRoute({ getParentRoute: () => chatRoute, path: "/c/$chatId" });

const shareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/share/$token",
  component: lazyRouteComponent(() =>
    withTexts("data", withTexts("files", import("@/routes/share-page"))),
  ),
});

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: readReturn,
  component: LoginPage,
});

const registerRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/register",
  validateSearch: readReturn,
  component: RegisterPage,
});

const recoverRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/recover",
  component: lazyRouteComponent(() => import("@/routes/recover-page")),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    appRoute.addChildren([
      chatRoute.addChildren([newChatRoute, openChatRoute]),
      archiveRoute,
      settingsRoute,
      plansRoute,
      billingRoute,
      checkoutReturnRoute,
      adminRoute.addChildren([
        adminPage("/", "DashboardPage"),
        adminPage("/payments", "PaymentsPage"),
        adminPage("/payments/$paymentId", "PaymentPage"),
        adminPage("/users", "UsersPage"),
        adminPage("/users/$userId", "PersonPage"),
        adminPage("/offers", "OffersPage"),
        adminPage("/mails", "MailsPage"),
        adminPage("/audit", "AuditPage"),
        adminPage("/health", "HealthPage"),
      ]),
    ]),
    loginRoute,
    registerRoute,
    recoverRoute,
    shareRoute,
  ]),
  defaultPreload: false,
  defaultPendingMs: 300,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
