import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { ModelInfo } from "@/client/types.gen";
import { ModelList } from "@/features/models/model-list";

const model = (name: string) =>
  ({
    id: name,
    name,
    provider: "Meta",
    available: true,
    inPlan: true,
    note: null,
    pricing: null,
  }) as ModelInfo;

it("says how many models are left of a search, and that none is", async () => {
  const user = userEvent.setup();
  Element.prototype.scrollIntoView ??= vi.fn();
  const { container } = render(
    <ModelList
      models={["Llama 3.1", "Llama 3.3", "Gemini"].map(model)}
      chosen={[]}
      onChoose={vi.fn()}
      onLocked={vi.fn()}
    />,
  );
  const voice = container.querySelector('[aria-live="polite"]');
  expect(voice?.textContent).toBe("");
  await user.type(screen.getByRole("combobox"), "llama");
  expect(voice?.textContent).toBe("2 models match");
  await user.type(screen.getByRole("combobox"), "x");
  expect(voice?.textContent).toBe("Nothing matches “llamax”");
  expect(screen.getByRole("listbox").textContent).toBe("");
});
