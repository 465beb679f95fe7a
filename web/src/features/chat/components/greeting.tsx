import { useTranslation } from "react-i18next";
import { Logo } from "@/components/ui/logo";

function partOfDay(hour: number) {
  if (hour < 5) return "night";
  if (hour < 12) return "morning";
  if (hour < 18) return "day";
  return "evening";
}

export function Greeting({ name }: { name: string | null }) {
  const { t } = useTranslation();
  const greeting = t(`empty.${partOfDay(new Date().getHours())}`);
  const firstName = name?.trim().split(/\s+/)[0];
  return (
    <div className="animate-appear px-6 text-center">
      <Logo className="mx-auto mb-4 size-11" />
      <h1 className="text-2xl font-[560] tracking-[-0.022em] text-balance wrap-anywhere">
        {firstName ? t("empty.named", { greeting, name: firstName }) : greeting}
      </h1>
      <p className="mt-1.5 text-lg text-text-2">{t("empty.lead")}</p>
    </div>
  );
}

const EXAMPLES = ["empty.example1", "empty.example2", "empty.example3", "empty.example4"] as const;
const DEMO_EXAMPLES = [
  "empty.demoExample1",
  "empty.demoExample2",
  "empty.demoExample3",
  "empty.demoExample4",
] as const;

/** Questions to begin with. The demo model understands English only, so it is asked in English. */
export function Examples({ demo, onPick }: { demo: boolean; onPick: (text: string) => void }) {
  const { t } = useTranslation();
  const list = (
    <ul aria-label={t("empty.examples")} className="grid gap-2 sm:grid-cols-2">
      {(demo ? DEMO_EXAMPLES : EXAMPLES).map((key, at) => (
        <li key={key} className={at > 2 ? "hidden sm:block" : undefined}>
          <button
            type="button"
            onClick={() => onPick(t(key))}
            className="h-full w-full rounded-lg border border-line px-3.5 py-2.5 text-left text-sm text-text-2 transition-colors duration-150 hover:border-line-strong hover:bg-raised hover:text-text"
          >
            {t(key)}
          </button>
        </li>
      ))}
    </ul>
  );
  if (!demo) return list;
  return (
    <div className="flex flex-col gap-3">
      {list}
      <p className="px-2 text-center text-sm text-balance text-text-3">{t("empty.demoNote")}</p>
    </div>
  );
}
