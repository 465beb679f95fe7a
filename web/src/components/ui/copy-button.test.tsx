import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { CopyButton } from "@/components/ui/copy-button";
import { Toaster } from "@/components/ui/toaster";

it("says that it has copied in the page's one voice, not in a live region of each button", async () => {
  const user = userEvent.setup();
  const { container } = render(
    <>
      <CopyButton text="hello" label="Copy the answer" />
      <Toaster />
    </>,
  );
  await user.click(screen.getByRole("button", { name: "Copy the answer" }));
  const [voice, ...others] = container.querySelectorAll("[aria-live]");
  expect(others).toEqual([]);
  expect(voice?.textContent).toBe("Copied");
  expect(await navigator.clipboard.readText()).toBe("hello");
});
