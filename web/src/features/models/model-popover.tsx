import { Popover } from "@base-ui/react/popover";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { ModelInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { ColumnsIcon } from "@/components/ui/icons";
import { Spinner } from "@/components/ui/spinner";
import { MAX_COMPARED } from "@/features/models/choice";
import { ModelList } from "@/features/models/model-list";
import type { ModelPickerProps } from "@/features/models/model-picker";
import { useModels } from "@/features/models/use-models";

/** The list of models over its button. */
export function ModelPopover({ trigger, ...props }: ModelPickerProps & { trigger: ReactElement }) {
  const { title, open, onOpenChange } = props;
  const { t } = useTranslation();
  const { data: models } = useModels();
  return (
    <Popover.Root open={open} onOpenChange={onOpenChange}>
      <Popover.Trigger render={trigger} />
      <Popover.Portal>
        <Popover.Positioner
          side="top"
          align="start"
          sideOffset={8}
          collisionPadding={12}
          collisionAvoidance={{ side: "flip", fallbackAxisSide: "none" }}
          className="z-50 outline-none"
        >
          <Popover.Popup
            aria-label={title ?? t("models.choose")}
            className="flex h-[min(31rem,var(--available-height))] w-[min(24rem,calc(100vw-1.5rem))] origin-(--transform-origin) flex-col overflow-hidden rounded-xl bg-raised text-text shadow-float outline-none transition-[opacity,scale] duration-120 data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0"
          >
            {title && <p className="px-4 pt-3 pb-1 text-sm font-medium">{title}</p>}
            <Content {...props} models={models} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Content({
  models,
  value,
  compared,
  title,
  onOpenChange,
  onChange,
  onCompare,
  onLocked,
}: ModelPickerProps & { models: ModelInfo[] | undefined }) {
  const { t } = useTranslation();
  const { isError, refetch } = useModels();
  const locked = (model: ModelInfo) => {
    onOpenChange(false);
    onLocked(model);
  };
  if (models === undefined) {
    return (
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
    );
  }
  if (compared === null || title) {
    return (
      <>
        <ModelList
          models={models}
          chosen={value === null ? [] : [value]}
          onChoose={(model) => {
            onChange(model);
            onOpenChange(false);
          }}
          onLocked={locked}
        />
        {!title && (
          <div className="border-t border-line p-1.5">
            <Button
              size="sm"
              variant="quiet"
              className="w-full justify-start!"
              onClick={() => onCompare(value === null ? [] : [value])}
            >
              <ColumnsIcon />
              {t("compare.start")}
            </Button>
          </div>
        )}
      </>
    );
  }
  return (
    <>
      <p className="px-4 pt-3 pb-1 text-xs text-text-2">{t("compare.hint")}</p>
      <ModelList
        many
        models={models}
        chosen={compared}
        onLocked={locked}
        onChoose={({ id }) => {
          if (compared.includes(id)) onCompare(compared.filter((one) => one !== id));
          else if (compared.length < MAX_COMPARED) onCompare([...compared, id]);
        }}
      />
      <div className="flex justify-end gap-2 border-t border-line p-2">
        <Button
          size="sm"
          variant="quiet"
          onClick={() => {
            onCompare(null);
            onOpenChange(false);
          }}
        >
          {t("compare.stop")}
        </Button>
        <Button
          size="sm"
          variant="primary"
          disabled={compared.length < 2}
          onClick={() => onOpenChange(false)}
        >
          {compared.length < 2
            ? t("compare.start")
            : t("compare.count", { count: compared.length })}
        </Button>
      </div>
    </>
  );
}
