import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RatesInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { parseAmount } from "@/features/admin/amount";
import { useFormat } from "@/features/admin/format";
import { Loaded, Panel } from "@/features/admin/parts";
import { ratesQuery, useSetRate } from "@/features/admin/queries";
import { useErrorText } from "@/i18n/use-error-text";
import { showToast } from "@/lib/toasts";

/** Models are paid in dollars: at this rate their costs stand beside the roubles that come in. */
export function RatePanel() {
  const { t } = useTranslation();
  const query = useQuery(ratesQuery);
  return (
    <Panel title={t("admin.rate.title")} lead={t("admin.rate.lead")} padded>
      <Loaded query={query}>{(rates) => <RateForm rates={rates} />}</Loaded>
    </Panel>
  );
}

function RateForm({ rates }: { rates: RatesInfo }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const format = useFormat();
  const set = useSetRate();
  const [text, setText] = useState("");
  useEffect(() => setText(String(rates.now)), [rates.now]);
  const rate = parseAmount(text);
  const fits = rate !== null && rate > 0 && rate <= 100_000;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!fits || rate === null || set.isPending) return;
    set.mutate(rate, {
      onSuccess: () => showToast(t("admin.rate.saved")),
      onError: (error) => showToast(errorText(error)),
    });
  }
  return (
    <form onSubmit={submit}>
      <div className="flex flex-wrap items-start gap-3">
        <Field
          label={t("admin.rate.label")}
          error={fits ? null : t("admin.prices.wrong")}
          inputMode="decimal"
          value={text}
          className="w-56"
          onChange={(event) => setText(event.target.value)}
        />
        <Button
          type="submit"
          className="mt-7"
          busy={set.isPending}
          disabled={!fits || rate === rates.now}
        >
          {t("admin.prices.save")}
        </Button>
      </div>
      {rates.history.length > 0 && (
        <ul className="mt-3 flex flex-wrap gap-x-6 gap-y-1 text-sm text-text-3">
          {rates.history.slice(0, 12).map((change) => (
            <li key={change.validFrom}>
              {format.day(change.validFrom)}: {format.money(change.rubPerUsd)}
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}
