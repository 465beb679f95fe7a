import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { SettingsRow, SettingsSection } from "@/components/ui/settings-row";
import { DeleteAccountDialog } from "@/features/data/delete-account-dialog";
import { ImportRow } from "@/features/data/import-row";
import { useErrorText } from "@/i18n/use-error-text";
import { saveResponse } from "@/lib/save-response";

/** Taking everything out, bringing chats in, and leaving. */
export default function DataSettings({ onDeleted }: { onDeleted: () => void }) {
  const { t } = useTranslation();
  const [deleting, setDeleting] = useState(false);
  return (
    <SettingsSection id="data" title={t("data.title")} lead={t("data.lead")}>
      <ExportRow />
      <ImportRow />
      <SettingsRow title={t("data.delete")} hint={t("data.deleteHint")}>
        <Button size="sm" className="text-danger" onClick={() => setDeleting(true)}>
          {t("data.deleteButton")}
        </Button>
      </SettingsRow>
      {deleting && <DeleteAccountDialog onClose={() => setDeleting(false)} onDeleted={onDeleted} />}
    </SettingsSection>
  );
}

function ExportRow() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function run() {
    setBusy(true);
    setError(null);
    try {
      await saveResponse("/api/export", "ai-chat.zip");
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      <SettingsRow title={t("data.export")} hint={t("data.exportHint")}>
        <Button size="sm" busy={busy} onClick={() => void run()}>
          {t(busy ? "data.exporting" : "data.exportButton")}
        </Button>
      </SettingsRow>
      {error !== null && <Notice className="m-3">{errorText(error)}</Notice>}
    </>
  );
}
