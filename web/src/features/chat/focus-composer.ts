/** The button that was pressed is about to vanish; the focus must not vanish with it. */
export function focusComposer() {
  const field = document.getElementById("composer");
  if (!window.matchMedia("(pointer: coarse)").matches) field?.focus();
}
