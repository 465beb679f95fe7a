/**
 * Where the on-screen keyboard lies over the page instead of making it smaller (iOS), the page is made as high as what is
 * left to see, so that the composer stands on the keyboard.
 */
export function followKeyboard() {
  const seen = window.visualViewport;
  if (!seen) return;
  const root = document.documentElement;
  const update = () => {
    // Zoomed in, the visible part says nothing about a keyboard.
    const covered = seen.scale > 1.01 ? 0 : window.innerHeight - seen.height;
    if (covered > 120) {
      root.style.setProperty("--app-height", `${seen.height}px`);
      window.scrollTo(0, 0);
    } else root.style.removeProperty("--app-height");
  };
  seen.addEventListener("resize", update);
}
