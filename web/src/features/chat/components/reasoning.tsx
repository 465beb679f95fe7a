import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ChevronRightIcon } from "@/components/ui/icons";
import { cn } from "@/lib/cn";

/** What the model thought before it answered: folded away, one click from view. */
export function Reasoning({
  text,
  running,
  seconds,
}: {
  text: string;
  running: boolean;
  seconds: number | null;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  let label = t("reasoning.done");
  if (running) label = t("reasoning.running");
  else if (seconds !== null)
    label = t("reasoning.doneIn", { count: Math.max(1, Math.round(seconds)) });
  return (
    <div className="mb-3">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="-ml-1.5 flex pointer-coarse:min-h-10 items-center gap-1 rounded-sm px-1.5 py-1 text-sm text-text-3 hover:bg-hover hover:text-text-2"
      >
        <span className={cn(running && "animate-breathe")}>{label}</span>
        <ChevronRightIcon
          className={cn("transition-transform duration-150", open && "rotate-90")}
        />
      </button>
      {open && (
        <div
          dir="auto"
          className="animate-appear mt-1 whitespace-pre-wrap border-l-2 border-line pl-3.5 text-sm leading-relaxed text-text-2"
        >
          {text}
        </div>
      )}
    </div>
  );
}
