import { useTranslation } from "react-i18next";
import type { ModelFilter } from "@/features/models/choice";
import { cn } from "@/lib/cn";

const FILTERS = ["all", "favourite", "free"] as const;

/** Which models the list shows. */
export function ModelFilters({
  value,
  onChange,
}: {
  value: ModelFilter;
  onChange: (filter: ModelFilter) => void;
}) {
  const { t } = useTranslation();
  const labels = {
    all: t("models.filterAll"),
    favourite: t("models.filterFavourite"),
    free: t("models.filterFree"),
  };
  return (
    <fieldset className="flex gap-1 border-b border-line px-2.5 py-1.5">
      <legend className="sr-only">{t("models.filter")}</legend>
      {FILTERS.map((filter) => (
        <button
          key={filter}
          type="button"
          aria-pressed={filter === value}
          onClick={() => onChange(filter)}
          className={cn(
            "h-7 rounded-full px-2.5 text-xs font-medium pointer-coarse:h-9",
            filter === value ? "bg-pressed text-text" : "text-text-2 hover:bg-hover",
          )}
        >
          {labels[filter]}
        </button>
      ))}
    </fieldset>
  );
}
