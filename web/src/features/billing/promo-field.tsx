import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { CheckIcon, CloseIcon } from "@/components/ui/icons";

/** A promo code: asked for quietly, tried before it is used. */
export function PromoField({
  code,
  error,
  busy,
  onCode,
}: {
  /** The one that is being used, or was refused. */
  code: string;
  error: string | null;
  busy: boolean;
  onCode: (code: string) => void;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(code !== "");
  const [typed, setTyped] = useState(code);
  function onSubmit(event: FormEvent) {
    event.preventDefault();
    onCode(typed.trim());
  }
  if (code !== "" && error === null && !busy) {
    return (
      <p className="flex items-center gap-2 text-sm text-accent-text" role="status">
        <CheckIcon />
        <span className="min-w-0 flex-1 truncate">
          {t("checkout.promoDone", { code: code.toUpperCase() })}
        </span>
        <IconButton
          label={t("checkout.promoRemove")}
          onClick={() => {
            setTyped("");
            onCode("");
          }}
        >
          <CloseIcon />
        </IconButton>
      </p>
    );
  }
  if (!open) {
    return (
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="self-start rounded-sm text-sm text-text-2 underline decoration-line-strong underline-offset-3 hover:text-text pointer-coarse:py-2"
      >
        {t("checkout.promoAsk")}
      </button>
    );
  }
  return (
    <form onSubmit={onSubmit} className="flex items-start gap-2">
      <Field
        label={t("checkout.promo")}
        className="min-w-0 flex-1"
        value={typed}
        maxLength={40}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        autoFocus
        error={error}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Button type="submit" busy={busy} disabled={typed.trim() === ""} className="mt-6.5 h-11">
        {t("checkout.promoApply")}
      </Button>
    </form>
  );
}
