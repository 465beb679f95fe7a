import { useTranslation } from "react-i18next";
import type { ModelInfo } from "@/client/types.gen";
import { Badge } from "@/components/ui/badge";
import { CheckIcon, LockIcon, StarIcon } from "@/components/ui/icons";
import { isUsable, priceClass } from "@/features/models/choice";
import { toggleFavourite } from "@/features/models/favourites";
import { formatCompact } from "@/i18n/amounts";
import { cn } from "@/lib/cn";

/** Why a model cannot be chosen, or what is special about it; null when nothing is. */
function useRemark(model: ModelInfo, nameOf: (id: string) => string): string | null {
  const { t } = useTranslation();
  if (!model.available) {
    const setting = model.missingSetting; // the one reason an operator can act on
    return setting ? t("models.noSetting", { setting }) : t("models.unavailable");
  }
  if (!model.inPlan) return t("models.locked");
  if (model.servedBy) return t("models.servedBy", { name: nameOf(model.servedBy) });
  return null;
}

export function ModelRow({
  id,
  model,
  active,
  selected,
  favourite,
  nameOf,
  onPoint,
  onChoose,
}: {
  id: string;
  model: ModelInfo;
  active: boolean;
  selected: boolean;
  favourite: boolean;
  nameOf: (id: string) => string;
  onPoint: () => void;
  onChoose: () => void;
}) {
  const { t, i18n } = useTranslation();
  const remark = useRemark(model, nameOf);
  const usable = isUsable(model);
  const price = priceClass(model);
  return (
    // The list is driven from the search field (aria-activedescendant); rows only answer the pointer.
    // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the search field
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the search field
    <div
      id={id}
      role="option"
      aria-selected={selected}
      aria-disabled={!model.available}
      title={model.id}
      onPointerMove={onPoint}
      onClick={onChoose}
      className={cn(
        "flex cursor-default select-none items-center gap-2.5 rounded-sm px-2.5 py-1.5 pointer-coarse:py-2.5",
        active && "bg-hover",
      )}
    >
      <div className={cn("min-w-0 flex-1", !usable && "text-text-3")}>
        <div className="flex flex-wrap items-center gap-x-2">
          <span className="truncate text-base">{model.name}</span>
          {model.note !== null && <Badge tone="warn">{t("models.demo")}</Badge>}
          {model.tier === "premium" && (
            <Badge tone={usable ? "accent" : "neutral"}>{t("models.premium")}</Badge>
          )}
        </div>
        <div className="truncate text-xs text-text-3">
          {remark ??
            t("models.context", { size: formatCompact(i18n.language, model.contextLength) })}
          {price && price !== "0" && (
            <span title={t("models.price", model.pricing ?? { prompt: "", completion: "" })}>
              {" · "}
              {price}
            </span>
          )}
        </div>
      </div>
      {favourite && <span className="sr-only">{t("models.filterFavourite")}</span>}
      {/* An option holds no controls of its own: this answers the pointer, Ctrl+D in the search field the keyboard. */}
      <span
        aria-hidden="true"
        title={t(favourite ? "models.unfavourite" : "models.favourite", { name: model.name })}
        onClick={(event) => {
          event.stopPropagation();
          toggleFavourite(model.id);
        }}
        className={cn(
          "flex size-7 cursor-pointer items-center justify-center rounded-sm hover:bg-pressed pointer-coarse:size-10",
          favourite
            ? "text-accent-text [&_path]:fill-current"
            : "text-text-3 opacity-0 pointer-coarse:opacity-100",
          active && "opacity-100",
        )}
      >
        <StarIcon />
      </span>
      {/* Its place is kept, so that the stars stand in one line. */}
      <span className="flex w-4 shrink-0 justify-center">
        {selected && <CheckIcon className="text-accent-text" />}
        {!selected && !usable && <LockIcon className="text-sm text-text-3" />}
      </span>
    </div>
  );
}
