import { render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { Examples } from "@/features/chat/components/greeting";

describe("Examples", () => {
  it("explain the demo model, and only that", () => {
    const note = /demo model/;
    const { rerender } = render(<Examples demo onPick={vi.fn()} />);
    expect(screen.getByText(note)).toBeTruthy();
    rerender(<Examples demo={false} onPick={vi.fn()} />);
    expect(screen.queryByText(note)).toBeNull();
  });
});
