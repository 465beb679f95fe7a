import { useEffect, useRef } from "react";
import { Spinner } from "@/components/ui/spinner";

/** Stands where a list goes on and asks for more shortly before it comes into view. */
export function EndSentinel({ busy, onReach }: { busy: boolean; onReach: () => void }) {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = mark.current;
    if (element === null || busy) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && onReach(),
      { scrollMargin: "400px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [busy, onReach]);
  return (
    <div ref={mark} className="flex h-10 items-center justify-center text-text-3">
      {busy && <Spinner />}
    </div>
  );
}
