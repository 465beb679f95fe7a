import { type CSSProperties, type ReactNode, useEffect, useRef, useState } from "react";

/** So many rows are drawn or left out together. */
export const BLOCK = 40;

/**
 * Rows far out of view leave only their space: ten thousand chats cost as much as two hundred. A block that has the focus
 * stays.
 */
export function RowBlock({
  count,
  label,
  children,
}: {
  count: number;
  label: string;
  children: () => ReactNode;
}) {
  const place = useRef<HTMLUListElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        const seen = entries.at(-1)?.isIntersecting ?? false;
        setNear(seen || element.contains(document.activeElement));
      },
      { scrollMargin: "1000px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <ul
      ref={place}
      aria-label={label}
      className={near ? undefined : "rows-space"}
      style={{ "--rows": count } as CSSProperties}
    >
      {near && children()}
    </ul>
  );
}
