import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";

/** A sent message in other words. */
export function EditForm({
  text,
  mayBeEmpty,
  onCancel,
  onSend,
}: {
  text: string;
  /** Its files say enough. */
  mayBeEmpty: boolean;
  onCancel: () => void;
  onSend: (text: string) => void;
}) {
  const { t } = useTranslation();
  const field = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useState(text);
  const ready = (mayBeEmpty || draft.trim() !== "") && draft !== text;

  useEffect(() => {
    const element = field.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    if (ready) onSend(draft);
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      onCancel();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && ready) {
      event.preventDefault();
      onSend(draft);
    }
  }
  return (
    <form
      onSubmit={onSubmit}
      className="w-full rounded-xl border border-line-strong bg-raised p-2 shadow-raised focus-within:border-line-focus"
    >
      <textarea
        ref={field}
        dir="auto"
        aria-label={t("chat.editQuestion")}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        className="block field-sizing-content max-h-[50dvh] min-h-12 w-full resize-none bg-transparent px-2 py-1.5 text-[1rem] leading-6 outline-none"
      />
      <div className="mt-1 flex flex-wrap items-center justify-end gap-2">
        <p className="mr-auto px-2 text-xs text-text-3">{t("branches.editHint")}</p>
        <Button size="sm" variant="quiet" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
        <Button size="sm" variant="primary" type="submit" disabled={!ready}>
          {t("chat.send")}
        </Button>
      </div>
    </form>
  );
}
