import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApiKeyInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { PlusIcon } from "@/components/ui/icons";
import { SettingsRow, SettingsSection } from "@/components/ui/settings-row";
import { CreateKeyDialog } from "@/features/keys/create-key-dialog";
import { RevokeKeyDialog } from "@/features/keys/revoke-key-dialog";
import { useKeys } from "@/features/keys/use-keys";
import { formatTime } from "@/i18n/amounts";
import { useErrorText } from "@/i18n/use-error-text";

/** Keys for programs that speak OpenAI's protocol. */
export function KeysSettings() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, isError, error, refetch } = useKeys();
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKeyInfo | null>(null);
  return (
    <SettingsSection
      id="keys"
      title={t("keys.title")}
      lead={
        <>
          {t("keys.lead")} <code className="font-mono text-xs">{`${location.origin}/v1`}</code>
        </>
      }
    >
      {data?.map((key) => (
        <KeyRow key={key.id} info={key} onRevoke={() => setRevoking(key)} />
      ))}
      {isError && (
        <SettingsRow title={errorText(error)}>
          <Button size="sm" onClick={() => refetch()}>
            {t("common.retry")}
          </Button>
        </SettingsRow>
      )}
      <div className="px-4 py-3">
        <Button size="sm" onClick={() => setCreating(true)}>
          <PlusIcon />
          {t("keys.create")}
        </Button>
      </div>
      {creating && <CreateKeyDialog onClose={() => setCreating(false)} />}
      {revoking && <RevokeKeyDialog info={revoking} onClose={() => setRevoking(null)} />}
    </SettingsSection>
  );
}

function KeyRow({ info, onRevoke }: { info: ApiKeyInfo; onRevoke: () => void }) {
  const { t, i18n } = useTranslation();
  const when = (iso: string) => formatTime(i18n.language, new Date(iso));
  const used = info.lastUsedAt
    ? t("keys.lastUsed", { when: when(info.lastUsedAt) })
    : t("keys.neverUsed");
  return (
    <SettingsRow
      title={info.name}
      hint={
        <>
          <code className="font-mono">{info.prefix}…</code> ·{" "}
          {t("keys.created", { when: when(info.createdAt) })} · {used}
        </>
      }
    >
      <Button
        size="sm"
        variant="quiet"
        aria-label={t("keys.revokeNamed", { name: info.name })}
        onClick={onRevoke}
      >
        {t("keys.revoke")}
      </Button>
    </SettingsRow>
  );
}
