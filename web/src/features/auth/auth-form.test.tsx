import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { AuthForm } from "@/features/auth/auth-form";

const show = (kind: "login" | "register") =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <AuthForm kind={kind} onDone={vi.fn()} other={null} />
    </QueryClientProvider>,
  );

describe("AuthForm", () => {
  it("keeps the address on the way to the other form", () => {
    const { unmount } = show("register");
    fireEvent.change(screen.getByLabelText("Email"), { target: { value: "anna@example.com" } });
    unmount();
    show("login");
    expect(screen.getByLabelText<HTMLInputElement>("Email").value).toBe("anna@example.com");
  });

  it("says what a new password needs, also when there is none yet", () => {
    show("register");
    fireEvent.click(screen.getByRole("button", { name: "Sign up" }));
    expect(screen.getByText("Use at least 8 characters")).toBeTruthy();
  });
});
