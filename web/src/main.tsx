import "@/styles/app.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Toaster } from "@/components/ui/toaster";
import { fetchWhenIdle } from "@/components/ui/when-needed";
import { startI18n } from "@/i18n/i18n";
import { endSession } from "@/lib/api/session";
import { followKeyboard } from "@/lib/app-height";
import { onBroadcast } from "@/lib/broadcast";
import { queryClient } from "@/lib/query-client";
import { followReleases } from "@/lib/releases";
import { followSystemTheme } from "@/lib/theme";
import { router } from "@/routes/router";

followSystemTheme();
followKeyboard();
onBroadcast((message) => message.type === "session-end" && endSession("signed-out"));

followReleases();

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

await startI18n();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
      <Toaster />
    </QueryClientProvider>
  </StrictMode>,
);
fetchWhenIdle();
