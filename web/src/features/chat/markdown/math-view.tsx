import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { cn } from "@/lib/cn";

type Typeset = (tex: string, display: boolean) => Node | null;

/** Loaded with the first formula; until then its source is shown. */
let typeset: Typeset | null = null;
let loading: Promise<void> | null = null;

function loadTypesetter(): Promise<void> {
  loading ??= import("@/features/chat/markdown/typeset").then(
    (module) => {
      typeset = module.typeset;
    },
    () => {
      loading = null;
    },
  );
  return loading;
}

/** A formula. While it is being written the last state that could be read stays; what cannot be read is shown as its source. */
export function MathView({ tex, display }: { tex: string; display: boolean }) {
  const place = useRef<HTMLSpanElement>(null);
  const [ready, setReady] = useState(typeset !== null);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!ready) void loadTypesetter().then(() => setReady(typeset !== null));
  }, [ready]);
  useLayoutEffect(() => {
    const formula = ready ? typeset?.(tex, display) : null;
    if (!formula) return;
    place.current?.replaceChildren(formula);
    setShown(true);
  }, [tex, display, ready]);
  return (
    <span dir="ltr" className={cn("math", display && "math-display")}>
      <span ref={place} />
      {!shown && <code className="math-source">{tex}</code>}
    </span>
  );
}
