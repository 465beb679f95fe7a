import { useTranslation } from "react-i18next";
import type { ApiKeyInfo } from "@/client/types.gen";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { useRevokeKey } from "@/features/keys/use-keys";

export function RevokeKeyDialog({ info, onClose }: { info: ApiKeyInfo; onClose: () => void }) {
  const { t } = useTranslation();
  const revoke = useRevokeKey();
  return (
    <ConfirmDialog
      danger
      title={t("keys.revokeTitle", { name: info.name })}
      lead={t("keys.revokeLead")}
      confirm={t("keys.revoke")}
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate(info.id, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
