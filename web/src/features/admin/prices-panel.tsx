import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PricesInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { parseWhole } from "@/features/admin/amount";
import { useFormat } from "@/features/admin/format";
import { Loaded, Panel } from "@/features/admin/parts";
import { pricesQuery, useSetPrices } from "@/features/admin/queries";
import { useErrorText } from "@/i18n/use-error-text";
import { showToast } from "@/lib/toasts";

/** Prices of new orders. Whoever subscribes already goes on paying what they agreed to. */
export function PricesPanel() {
  const { t } = useTranslation();
  const query = useQuery(pricesQuery);
  return (
    <Panel title={t("admin.prices.title")} lead={t("admin.prices.lead")} padded>
      <Loaded query={query}>{(prices) => <PricesForm prices={prices} />}</Loaded>
    </Panel>
  );
}

function PricesForm({ prices }: { prices: PricesInfo }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const format = useFormat();
  const set = useSetPrices();
  const { now, file } = prices;
  const [month, setMonth] = useState("");
  const [year, setYear] = useState("");
  const [days, setDays] = useState("");
  useEffect(() => {
    setMonth(String(now.month));
    setYear(String(now.year));
    setDays(String(now.trialDays));
  }, [now]);
  const wanted = {
    month: parseWhole(month, 1),
    year: parseWhole(year),
    trialDays: parseWhole(days),
  };
  const { month: perMonth, year: perYear, trialDays } = wanted;
  const changed = perMonth !== now.month || perYear !== now.year || trialDays !== now.trialDays;
  const own =
    file.month !== now.month || file.year !== now.year || file.trialDays !== now.trialDays;

  function save(body: Parameters<typeof set.mutate>[0]) {
    set.mutate(body, {
      onSuccess: () => showToast(t("admin.prices.saved")),
      onError: (error) => showToast(errorText(error)),
    });
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    if (perMonth === null || perYear === null || trialDays === null || set.isPending) return;
    save({ month: perMonth, year: perYear, trialDays });
  }

  return (
    <form onSubmit={submit}>
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-3">
        <Field
          label={t("admin.prices.month")}
          hint={t("admin.prices.file", { price: format.money(file.month) })}
          error={perMonth === null ? t("admin.prices.wrong") : null}
          inputMode="numeric"
          value={month}
          onChange={(event) => setMonth(event.target.value)}
        />
        <Field
          label={t("admin.prices.year")}
          hint={t("admin.prices.yearHint")}
          error={perYear === null ? t("admin.prices.wrong") : null}
          inputMode="numeric"
          value={year}
          onChange={(event) => setYear(event.target.value)}
        />
        <Field
          label={t("admin.prices.trial")}
          hint={t("admin.prices.trialHint")}
          error={trialDays === null || trialDays > 366 ? t("admin.prices.wrong") : null}
          inputMode="numeric"
          value={days}
          onChange={(event) => setDays(event.target.value)}
        />
      </div>
      <div className="mt-4 flex flex-wrap items-center gap-2">
        <Button
          type="submit"
          variant="primary"
          size="sm"
          busy={set.isPending}
          disabled={!changed || perMonth === null || perYear === null || trialDays === null}
        >
          {t("admin.prices.save")}
        </Button>
        {own && (
          <Button size="sm" onClick={() => save(null)}>
            {t("admin.prices.reset")}
          </Button>
        )}
      </div>
      {prices.history.length > 0 && (
        <details className="mt-4 text-sm">
          <summary className="inline-block cursor-pointer rounded-sm text-text-3 hover:text-text">
            {t("admin.prices.history")}
          </summary>
          <ul className="mt-2 grid gap-1 text-text-2">
            {prices.history.map((change) => (
              <li key={change.validFrom}>
                {format.moment(change.validFrom)}:{" "}
                {change.month === null
                  ? t("admin.prices.wasReset")
                  : t("admin.prices.change", {
                      month: format.money(change.month),
                      year: format.money(change.year ?? 0),
                    })}
              </li>
            ))}
          </ul>
        </details>
      )}
    </form>
  );
}
