import type { FormEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { DialogActions } from "@/components/ui/dialog";

/** What a dialog asks for: its fields, the way back and the deed, which is done once at a time and only when all is there. */
export function DialogForm({
  submit,
  danger = false,
  busy,
  ready = true,
  noValidate = false,
  className = "mt-4",
  onSubmit,
  onClose,
  children,
}: {
  /** The word on the button. */
  submit: string;
  danger?: boolean;
  busy: boolean;
  ready?: boolean;
  /** What is wrong is said under the fields, in words of our own. */
  noValidate?: boolean;
  className?: string;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <form
      noValidate={noValidate}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (ready && !busy) onSubmit();
      }}
      className={className}
    >
      <div className="grid gap-4">{children}</div>
      <DialogActions>
        <Button variant="quiet" onClick={onClose}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" variant={danger ? "danger" : "primary"} busy={busy} disabled={!ready}>
          {submit}
        </Button>
      </DialogActions>
    </form>
  );
}
