// Runs before the first paint, so that the page never flashes in the wrong theme. A file of its own because
// the Content-Security-Policy allows no inline script. src/lib/theme.ts and appearance.ts keep the same rules afterwards.
(() => {
  let choice = "system";
  const page = document.documentElement;
  try {
    choice = localStorage.getItem("theme") || "system";
    page.dataset.textSize = localStorage.getItem("text-size") || "normal";
    page.dataset.density = localStorage.getItem("density") || "comfortable";
  } catch {
    // Storage may be forbidden; the system's theme is a fine answer then.
  }
  const dark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  page.dataset.theme = dark ? "dark" : "light";
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
    meta.content = dark ? "#191a18" : "#fbfaf8";
  }
})();
