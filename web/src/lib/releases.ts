import i18next from "i18next";
import { showToast } from "@/lib/toasts";

/** Keeps the offline shell, and tells the reader when a release has taken away what this page still needs. */
export function followReleases() {
  if (import.meta.env.PROD && "serviceWorker" in navigator) {
    // A page that cannot have it works all the same.
    navigator.serviceWorker.register("/sw.js").catch(() => {});
  }
  window.addEventListener("vite:preloadError", () => {
    if (!navigator.onLine) return;
    showToast(
      i18next.t("page.newVersion"),
      { label: i18next.t("page.reload"), run: () => window.location.reload() },
      60_000,
    );
  });
}
