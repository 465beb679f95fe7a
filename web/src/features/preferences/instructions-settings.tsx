import { useMutation, useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { SettingsSection } from "@/components/ui/settings-row";
import { preferencesQuery, savePreferences } from "@/features/preferences/preferences-query";
import { useErrorText } from "@/i18n/use-error-text";
import { cn } from "@/lib/cn";
import { showToast } from "@/lib/toasts";

/** The server's limit; see PreferencesInfo. */
const MOST_CHARACTERS = 4000;

/** What the person asks of every answer, in every chat. */
export function InstructionsSettings() {
  const { t } = useTranslation();
  const { data } = useQuery(preferencesQuery);
  return (
    <SettingsSection
      id="instructions"
      title={t("instructions.title")}
      lead={t("instructions.lead")}
    >
      {/* What was saved on another device meanwhile takes the place of what was not touched here. */}
      {data && <Editor key={data.customInstructions ?? ""} saved={data.customInstructions ?? ""} />}
    </SettingsSection>
  );
}

function Editor({ saved }: { saved: string }) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const [text, setText] = useState(saved);
  const note = useId();
  const save = useMutation({
    mutationFn: () => savePreferences({ customInstructions: text.trim() || null }),
    onSuccess: () => showToast(t("common.saved"), undefined, 1600),
  });
  const length = [...text].length;
  const tooLong = length > MOST_CHARACTERS;
  const changed = text.trim() !== saved;
  const number = (value: number) => value.toLocaleString(i18n.language);
  return (
    <form
      className="px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && !tooLong && !save.isPending) save.mutate();
      }}
    >
      <textarea
        dir="auto"
        aria-label={t("instructions.title")}
        aria-describedby={note}
        aria-invalid={tooLong || save.isError || undefined}
        placeholder={t("instructions.placeholder")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="-mx-1 block field-sizing-content max-h-[50dvh] min-h-28 w-[calc(100%+0.5rem)] resize-none rounded-sm bg-transparent px-1 py-0.5 text-base"
      />
      <div className="mt-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p
          id={note}
          role={save.isError ? "alert" : undefined}
          className={cn(
            "text-sm tabular-nums",
            tooLong || save.isError ? "text-danger" : "text-text-3",
          )}
        >
          {save.isError
            ? errorText(save.error)
            : t("instructions.length", { used: number(length), limit: number(MOST_CHARACTERS) })}
        </p>
        <div className="flex gap-2">
          {changed && (
            <Button size="sm" variant="quiet" onClick={() => setText(saved)}>
              {t("common.cancel")}
            </Button>
          )}
          <Button
            size="sm"
            variant="primary"
            type="submit"
            busy={save.isPending}
            disabled={!changed || tooLong}
          >
            {t("common.save")}
          </Button>
        </div>
      </div>
    </form>
  );
}
