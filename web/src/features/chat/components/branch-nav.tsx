import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { ChevronLeftIcon, ChevronRightIcon } from "@/components/ui/icons";

/** ‹ 2/3 ›: the versions of one message, each the beginning of a branch. */
export function BranchNav({
  id,
  siblingIds,
  onChoose,
}: {
  id: string;
  siblingIds: string[];
  onChoose: (messageId: string) => void;
}) {
  const { t } = useTranslation();
  const at = siblingIds.indexOf(id);
  if (siblingIds.length < 2 || at === -1) return null;
  const place = `${at + 1}/${siblingIds.length}`;
  const step = (to: number) => {
    const next = siblingIds[to];
    return {
      disabled: next === undefined,
      onClick: () => next !== undefined && onChoose(next),
    };
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: buttons of a kind, not a form's fields
    <div
      role="group"
      data-needs-idle
      // Heard with each step: the focus goes on to the group of the next version.
      aria-label={`${t("branches.position")} ${place}`}
      className="flex shrink-0 items-center text-xs text-text-2 tabular-nums"
    >
      <IconButton
        label={t("branches.previous")}
        data-step="previous"
        className="w-6!"
        {...step(at - 1)}
      >
        <ChevronLeftIcon />
      </IconButton>
      <span aria-hidden="true">{place}</span>
      <IconButton label={t("branches.next")} data-step="next" className="w-6!" {...step(at + 1)}>
        <ChevronRightIcon />
      </IconButton>
    </div>
  );
}
