import { cloneElement } from "react";
import { useTranslation } from "react-i18next";
import type { ModelInfo } from "@/client/types.gen";
import { Badge } from "@/components/ui/badge";
import { ChevronDownIcon, ColumnsIcon } from "@/components/ui/icons";
import { useNeeded, whenNeeded } from "@/components/ui/when-needed";
import { useModels } from "@/features/models/use-models";

export interface ModelPickerProps {
  value: string | null;
  /** The models whose answers are to be compared; null while one answers. */
  compared: string[] | null;
  /** What the choice is for, where it is not the next message. */
  title?: string | null;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onChange: (model: ModelInfo) => void;
  onCompare: (ids: string[] | null) => void;
  onLocked: (model: ModelInfo) => void;
}

const list = whenNeeded(() => import("@/features/models/model-popover"));

/** Who answers: one model, or two or three to be compared. Its list is loaded when it is first opened. */
export function ModelPicker(props: ModelPickerProps) {
  const { value, compared, open, onOpenChange } = props;
  const { t } = useTranslation();
  const { data: models } = useModels();
  const loaded = useNeeded(list, open);
  const chosen = models?.find((model) => model.id === value);
  const several = compared !== null && compared.length > 1;
  const name = several
    ? t("compare.count", { count: compared.length })
    : (chosen?.name ?? value ?? t("models.unknown"));
  const button = (
    <button
      type="button"
      aria-label={t("models.label", { name })}
      className="flex h-8 min-w-0 items-center gap-1.5 rounded-sm px-2 text-sm text-text-2 transition-colors hover:bg-hover hover:text-text data-popup-open:bg-hover pointer-coarse:h-10"
    >
      {several && <ColumnsIcon />}
      <span className="truncate">{name}</span>
      {!several && chosen?.note && (
        <span className="hidden sm:inline-flex">
          <Badge tone="warn">{t("models.demo")}</Badge>
        </span>
      )}
      <ChevronDownIcon className="text-text-3" />
    </button>
  );
  if (loaded) return <loaded.ModelPopover {...props} trigger={button} />;
  return cloneElement(button, {
    "aria-haspopup": "dialog",
    "aria-expanded": false,
    onClick: () => onOpenChange(true),
    onPointerEnter: list.prefetch,
    onFocus: list.prefetch,
  });
}
