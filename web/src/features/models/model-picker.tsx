import { Popover } from "@base-ui/react/popover";
import { useTranslation } from "react-i18next";
import type { ModelInfo } from "@/client/types.gen";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { ChevronDownIcon } from "@/components/ui/icons";
import { Spinner } from "@/components/ui/spinner";
import { ModelList } from "@/features/models/model-list";
import { useModels } from "@/features/models/use-models";

export function ModelPicker({
  value,
  open,
  onOpenChange,
  onChange,
}: {
  value: string | null;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onChange: (model: ModelInfo) => void;
}) {
  const { t } = useTranslation();
  const { data: models, isError, refetch } = useModels();
  const chosen = models?.find((model) => model.id === value);
  const name = chosen?.name ?? value ?? t("models.unknown");
  return (
    <Popover.Root open={open} onOpenChange={onOpenChange}>
      <Popover.Trigger
        aria-label={t("models.label", { name })}
        className="flex h-8 min-w-0 items-center gap-1.5 rounded-sm px-2 text-sm text-text-2 transition-colors hover:bg-hover hover:text-text data-popup-open:bg-hover pointer-coarse:h-10"
      >
        <span className="truncate">{name}</span>
        {chosen?.note && (
          <span className="hidden sm:inline-flex">
            <Badge tone="warn">{t("models.demo")}</Badge>
          </span>
        )}
        <ChevronDownIcon className="text-text-3" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner
          side="top"
          align="start"
          sideOffset={8}
          collisionAvoidance={{ side: "flip", fallbackAxisSide: "none" }}
          className="z-50 outline-none"
        >
          <Popover.Popup
            aria-label={t("models.choose")}
            className="flex h-[min(27rem,var(--available-height))] w-[min(23rem,calc(100vw-1.5rem))] origin-(--transform-origin) flex-col overflow-hidden rounded-xl bg-raised text-text shadow-float outline-none transition-[opacity,scale] duration-120 data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0"
          >
            {models ? (
              <ModelList
                models={models}
                value={value}
                onChoose={(model) => {
                  onChange(model);
                  onOpenChange(false);
                }}
              />
            ) : (
              <div className="flex flex-1 flex-col items-center justify-center gap-3 p-6 text-sm text-text-2">
                {isError ? (
                  <>
                    {t("models.loadFailed")}
                    <Button size="sm" onClick={() => refetch()}>
                      {t("common.retry")}
                    </Button>
                  </>
                ) : (
                  <Spinner />
                )}
              </div>
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
