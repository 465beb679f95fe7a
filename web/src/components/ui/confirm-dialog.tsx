import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { useErrorText } from "@/i18n/use-error-text";

/** Asks before something that matters; stays open and says why where it did not work. */
export function ConfirmDialog({
  title,
  lead,
  confirm,
  dismiss,
  danger = false,
  busy,
  error,
  ready = true,
  onConfirm,
  onClose,
  children,
}: {
  title: string;
  lead: string;
  confirm: string;
  dismiss?: string;
  danger?: boolean;
  busy: boolean;
  error: unknown;
  ready?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  return (
    <Dialog onClose={onClose} title={title} description={lead}>
      {children}
      {error != null && <Notice className="mt-4">{errorText(error)}</Notice>}
      <DialogActions>
        <Button variant="quiet" onClick={onClose}>
          {dismiss ?? t("common.cancel")}
        </Button>
        <Button
          variant={danger ? "danger" : "primary"}
          busy={busy}
          disabled={!ready}
          onClick={onConfirm}
        >
          {confirm}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
