import { useTranslation } from "react-i18next";
import type { ApiKeyInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { useRevokeKey } from "@/features/keys/use-keys";
import { useErrorText } from "@/i18n/use-error-text";

export function RevokeKeyDialog({ info, onClose }: { info: ApiKeyInfo; onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const revoke = useRevokeKey();
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("keys.revokeTitle", { name: info.name })}
      description={t("keys.revokeLead")}
    >
      {revoke.isError && <Notice className="mt-4">{errorText(revoke.error)}</Notice>}
      <DialogActions>
        <Button variant="quiet" onClick={onClose}>
          {t("common.cancel")}
        </Button>
        <Button
          variant="danger"
          busy={revoke.isPending}
          onClick={() => revoke.mutate(info.id, { onSuccess: onClose })}
        >
          {t("keys.revoke")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
