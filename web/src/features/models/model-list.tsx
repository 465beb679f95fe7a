import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ModelInfo } from "@/client/types.gen";
import { SearchIcon } from "@/components/ui/icons";
import {
  groupModels,
  isUsable,
  type ModelFilter,
  type ModelGroup,
  matches,
  passes,
} from "@/features/models/choice";
import { toggleFavourite, useFavourites } from "@/features/models/favourites";
import { ModelFilters } from "@/features/models/model-filters";
import { ModelRow } from "@/features/models/model-row";
import { cn } from "@/lib/cn";

/** The searchable list: the focus stays in the field, arrows move through the rows. */
export function ModelList({
  models,
  chosen,
  many = false,
  onChoose,
  onLocked,
}: {
  models: ModelInfo[];
  /** Ids of the chosen models. */
  chosen: readonly string[];
  /** Several can be chosen, each with a press of its own. */
  many?: boolean;
  onChoose: (model: ModelInfo) => void;
  /** One that another plan opens was chosen. */
  onLocked: (model: ModelInfo) => void;
}) {
  const { t } = useTranslation();
  const base = useId();
  const list = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const [filter, setFilter] = useState<ModelFilter>("all");
  const favourites = useFavourites();
  const groups = useMemo(
    () =>
      groupModels(
        models.filter((model) => matches(model, query) && passes(model, filter, favourites)),
      ),
    [models, query, filter, favourites],
  );
  const flat = groups.flatMap((group) => group.models);
  const some = flat.length > 0;
  const narrowed = query !== "" || filter !== "all";
  const [pointed, setPointed] = useState<string | null>(chosen[0] ?? null);
  const active = flat.find((model) => model.id === pointed) ?? flat[0] ?? null;
  const rowId = (model: ModelInfo) => `${base}-${model.id.replace(/\W/g, "_")}`;
  const titleOf = (group: ModelGroup) =>
    group.models[0]?.source === "local" ? t("models.local") : group.provider;
  const nameOf = (id: string) => models.find((model) => model.id === id)?.name ?? id;

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "center" });
  }, []);

  function choose(model: ModelInfo) {
    if (isUsable(model)) onChoose(model);
    else if (model.available) onLocked(model);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing || active === null) return;
    const at = flat.indexOf(active);
    const steps: Record<string, number> = {
      ArrowDown: Math.min(at + 1, flat.length - 1),
      ArrowUp: Math.max(at - 1, 0),
      PageDown: Math.min(at + 8, flat.length - 1),
      PageUp: Math.max(at - 8, 0),
    };
    const next = flat[steps[event.key] ?? -1];
    if (next !== undefined) {
      event.preventDefault();
      setPointed(next.id);
      document.getElementById(rowId(next))?.scrollIntoView({ block: "nearest" });
    } else if (event.key.toLowerCase() === "d" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      toggleFavourite(active.id);
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(active);
    }
  }

  return (
    <>
      <div className="flex items-center gap-2.5 border-b border-line px-3.5 text-text-3">
        <SearchIcon />
        <input
          role="combobox"
          aria-expanded="true"
          aria-controls={`${base}-list`}
          aria-activedescendant={active ? rowId(active) : undefined}
          aria-label={t("models.search")}
          aria-keyshortcuts="Control+D Meta+D"
          placeholder={t("models.search")}
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={onKeyDown}
          className="h-11 min-w-0 flex-1 bg-transparent text-base text-text outline-none"
        />
      </div>
      <ModelFilters value={filter} onChange={setFilter} />
      <div
        ref={list}
        id={`${base}-list`}
        role="listbox"
        aria-label={t("models.results")}
        aria-multiselectable={many || undefined}
        className={cn("min-h-0 overflow-y-auto overscroll-contain", some && "flex-1 p-1.5")}
      >
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own
          <div key={group.provider} role="group" aria-label={titleOf(group)} className="mb-1">
            <div aria-hidden="true" className="px-2.5 pt-2 pb-1 text-xs text-text-3">
              {titleOf(group)}
            </div>
            {group.models.map((model) => (
              <ModelRow
                key={model.id}
                id={rowId(model)}
                model={model}
                active={model === active}
                selected={chosen.includes(model.id)}
                favourite={favourites.includes(model.id)}
                nameOf={nameOf}
                onPoint={() => setPointed(model.id)}
                onChoose={() => choose(model)}
              />
            ))}
          </div>
        ))}
      </div>
      <p
        aria-live="polite"
        className={
          some ? "sr-only" : "flex-1 break-words px-4.5 py-6 text-center text-sm text-text-3"
        }
      >
        {some
          ? narrowed && t("models.found", { count: flat.length })
          : query === ""
            ? t("models.noFavourites")
            : t("models.nothing", { query })}
      </p>
    </>
  );
}
