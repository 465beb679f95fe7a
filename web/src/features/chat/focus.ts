/** The button that was pressed is about to vanish; the focus must not vanish with it. */
export function focusComposer() {
  const field = document.getElementById("composer");
  if (!window.matchMedia("(pointer: coarse)").matches) field?.focus();
}

/** Opens the last question for editing; where the end of the chat is not drawn, it is drawn first. */
export function editLastQuestion() {
  const open = () =>
    [...document.querySelectorAll<HTMLElement>("[data-edit-question]")].at(-1)?.click();
  const way = document.querySelector<HTMLElement>("[data-way-to-end]");
  if (way === null) return open();
  way.click();
  requestAnimationFrame(() => requestAnimationFrame(open));
}

/** A busy page draws a version some frames after it is there. */
const FRAMES = 60;

/** The buttons that lead from version to version belong to each version: the focus goes along with the reader. */
export function focusStep(messageId: string, step: string | undefined, frames = FRAMES) {
  if (step === undefined || frames === 0) return;
  requestAnimationFrame(() => {
    const buttons = document.querySelectorAll<HTMLButtonElement>(
      `[data-message="${CSS.escape(messageId)}"] [data-step]:not(:disabled)`,
    );
    const same = [...buttons].find((button) => button.dataset.step === step) ?? buttons[0];
    if (same === undefined) focusStep(messageId, step, frames - 1);
    else same.focus({ preventScroll: true });
  });
}
