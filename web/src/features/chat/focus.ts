/** A busy page draws a thing some frames after it is there. */
const FRAMES = 60;

function whenDrawn<Found>(
  find: () => Found | undefined,
  act: (found: Found) => void,
  frames = FRAMES,
) {
  if (frames === 0) return;
  requestAnimationFrame(() => {
    const found = find();
    if (found === undefined) whenDrawn(find, act, frames - 1);
    else act(found);
  });
}

/** The button that was pressed is about to vanish; the focus must not vanish with it. */
export function focusComposer() {
  const field = document.getElementById("composer");
  if (!window.matchMedia("(pointer: coarse)").matches) field?.focus();
}

const wayToEnd = () => document.querySelector<HTMLElement>("[data-way-to-end]");
const lastQuestion = () =>
  [...document.querySelectorAll<HTMLElement>("[data-edit-question]")].at(-1);

/** Opens the last question for editing; where the end of the chat is not drawn, it is drawn first. */
export function editLastQuestion() {
  const way = wayToEnd();
  if (way === null) return lastQuestion()?.click();
  way.click();
  whenDrawn(
    () => (wayToEnd() === null ? lastQuestion() : undefined),
    (question) => question.click(),
  );
}

/** The buttons that lead from version to version belong to each version: the focus goes along with the reader. */
export function focusStep(messageId: string, step: string | undefined) {
  if (step === undefined) return;
  whenDrawn(
    () => {
      const buttons = document.querySelectorAll<HTMLButtonElement>(
        `[data-message="${CSS.escape(messageId)}"] [data-step]:not(:disabled)`,
      );
      return [...buttons].find((button) => button.dataset.step === step) ?? buttons[0];
    },
    (button) => button.focus({ preventScroll: true }),
  );
}
