// Runs before the first paint, so that the page never flashes in the wrong theme. A file of its own because
// the Content-Security-Policy allows no inline script. src/lib/theme.ts keeps the same rules afterwards.
(() => {
  let choice = "system";
  try {
    choice = localStorage.getItem("theme") || "system";
  } catch {
    // Storage may be forbidden; the system's theme is a fine answer then.
  }
  const dark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  const meta = document.querySelector('meta[name="theme-color"]');
  if (meta) meta.setAttribute("content", dark ? "#191a18" : "#fbfaf8");
})();
