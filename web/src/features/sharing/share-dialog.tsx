import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createShare, listShares, revokeShare } from "@/client/sdk.gen";
import type { ShareLink } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { IconButton } from "@/components/ui/icon-button";
import { CopyIcon, GlobeIcon, TrashIcon } from "@/components/ui/icons";
import { Notice } from "@/components/ui/notice";
import { Select } from "@/components/ui/select";
import { Spinner } from "@/components/ui/spinner";
import { formatTime } from "@/i18n/amounts";
import { useErrorText } from "@/i18n/use-error-text";
import { http } from "@/lib/api/http";
import { copyText } from "@/lib/copy-text";
import { queryClient } from "@/lib/query-client";
import { keys } from "@/lib/query-keys";
import { showToast } from "@/lib/toasts";

const DAYS = [1, 7, 30] as const;

/** Makes links to a chat, shows those there are, and takes them back. */
export default function ShareDialog({ chatId, onClose }: { chatId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const shares = useQuery({
    queryKey: keys.shares(chatId),
    queryFn: async ({ signal }) =>
      (await listShares({ ...http, path: { chat_id: chatId }, signal })).data.data,
  });
  const [days, setDays] = useState<number | null>(null);
  const [showName, setShowName] = useState(false);
  const create = useMutation({
    mutationFn: async () =>
      (
        await createShare({
          ...http,
          path: { chat_id: chatId },
          body: { showName, ...(days !== null && { expiresInDays: days }) },
        })
      ).data.data,
    onSuccess: (share) => copy(share),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.shares(chatId) }),
  });
  const copy = async (share: ShareLink) => {
    if (await copyText(share.url)) showToast(t("sharing.copied"), undefined, 2500);
  };
  return (
    <Dialog onClose={onClose} title={t("sharing.title")} description={t("sharing.lead")}>
      <div className="mt-4 flex flex-wrap items-center gap-x-5 gap-y-3">
        <span className="flex items-center gap-2 text-sm">
          <span aria-hidden="true">{t("sharing.expires")}</span>
          <Select
            label={t("sharing.expires")}
            value={days ?? ""}
            onChange={(event) => setDays(Number(event.target.value) || null)}
          >
            <option value="">{t("sharing.never")}</option>
            {DAYS.map((count) => (
              <option key={count} value={count}>
                {t("sharing.days", { count })}
              </option>
            ))}
          </Select>
        </span>
        <label className="flex min-h-9 items-center gap-2 text-sm pointer-coarse:min-h-11">
          <input
            type="checkbox"
            checked={showName}
            onChange={(event) => setShowName(event.target.checked)}
            className="size-4 accent-accent"
          />
          {t("sharing.showName")}
        </label>
        <Button
          variant="primary"
          busy={create.isPending}
          onClick={() => create.mutate()}
          className="w-full"
        >
          {t("sharing.create")}
        </Button>
      </div>
      {create.isError && <Notice className="mt-3">{errorText(create.error)}</Notice>}
      <h3 className="mt-5 text-sm font-medium text-text-2">{t("sharing.links")}</h3>
      {shares.isPending ? (
        <Spinner className="mt-3" />
      ) : shares.isError ? (
        <Notice className="mt-2">{errorText(shares.error)}</Notice>
      ) : shares.data.length === 0 ? (
        <p className="mt-1.5 text-sm text-text-3">{t("sharing.none")}</p>
      ) : (
        <ul className="mt-1.5 max-h-56 divide-y divide-line overflow-y-auto rounded-lg border border-line">
          {shares.data.map((share) => (
            <Link key={share.id} chatId={chatId} share={share} onCopy={() => void copy(share)} />
          ))}
        </ul>
      )}
      <DialogActions>
        <Button onClick={onClose}>{t("common.done")}</Button>
      </DialogActions>
    </Dialog>
  );
}

function Link({ chatId, share, onCopy }: { chatId: string; share: ShareLink; onCopy: () => void }) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const revoke = useMutation({
    mutationFn: async () => {
      await revokeShare({ ...http, path: { chat_id: chatId, share_id: share.id } });
    },
    onSuccess: () => showToast(t("sharing.revoked")),
    onError: (error) => showToast(errorText(error)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.shares(chatId) }),
  });
  const date = (moment: string) => formatTime(i18n.language, new Date(moment));
  return (
    <li className="flex items-center gap-1 py-1.5 pr-1.5 pl-3">
      <p className="min-w-0 flex-1 text-sm">
        {t("sharing.since", { date: date(share.createdAt) })}
        <span className="block text-text-3">
          {share.expiresAt
            ? t("sharing.until", { date: date(share.expiresAt) })
            : t("sharing.never").toLocaleLowerCase(i18n.language)}
        </span>
      </p>
      <IconButton label={t("sharing.copy")} onClick={onCopy}>
        <CopyIcon />
      </IconButton>
      <a
        href={share.url}
        target="_blank"
        rel="noopener noreferrer"
        aria-label={t("sharing.open")}
        title={t("sharing.open")}
        className="inline-flex size-8 items-center justify-center rounded-sm text-text-2 hover:bg-hover hover:text-text pointer-coarse:size-10"
      >
        <GlobeIcon />
      </a>
      <IconButton
        label={t("sharing.revoke")}
        disabled={revoke.isPending}
        onClick={() => revoke.mutate()}
        className="text-danger!"
      >
        <TrashIcon />
      </IconButton>
    </li>
  );
}
