import { useTranslation } from "react-i18next";
import type { ModelInfo } from "@/client/types.gen";
import { Badge } from "@/components/ui/badge";
import { CheckIcon, LockIcon } from "@/components/ui/icons";
import { isUsable } from "@/features/models/choice";
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

const compact = (number: number, language: string) =>
  new Intl.NumberFormat(language, { notation: "compact" }).format(number);

export function ModelRow({
  id,
  model,
  active,
  selected,
  nameOf,
  onPoint,
  onChoose,
}: {
  id: string;
  model: ModelInfo;
  active: boolean;
  selected: boolean;
  nameOf: (id: string) => string;
  onPoint: () => void;
  onChoose: () => void;
}) {
  const { t, i18n } = useTranslation();
  const remark = useRemark(model, nameOf);
  const usable = isUsable(model);
  return (
    // The list is driven from the search field (aria-activedescendant); rows only answer the pointer.
    // biome-ignore lint/a11y/useFocusableInteractive: focus stays in the search field
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the search field
    <div
      id={id}
      role="option"
      aria-selected={selected}
      aria-disabled={!usable}
      title={model.id}
      onPointerMove={onPoint}
      onClick={onChoose}
      className={cn(
        "flex cursor-default select-none items-center gap-2.5 rounded-sm px-2.5 py-1.5 pointer-coarse:py-2.5",
        active && "bg-hover",
      )}
    >
      <div className={cn("min-w-0 flex-1", !usable && "text-text-3")}>
        <div className="flex items-center gap-2">
          <span className="truncate text-base">{model.name}</span>
          {model.note !== null && <Badge tone="warn">{t("models.demo")}</Badge>}
          {model.tier === "premium" && (
            <Badge tone={usable ? "accent" : "neutral"}>{t("models.premium")}</Badge>
          )}
        </div>
        <div className="truncate text-xs text-text-3">
          {remark ?? t("models.context", { size: compact(model.contextLength, i18n.language) })}
        </div>
      </div>
      {selected && <CheckIcon className="text-accent-text" />}
      {!selected && !usable && <LockIcon className="text-sm text-text-3" />}
    </div>
  );
}
