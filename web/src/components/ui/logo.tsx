import type { SVGProps } from "react";

/** The mark: a word being spoken, and the caret that goes on writing it. */
export function Logo(props: SVGProps<SVGSVGElement>) {
  return (
    <svg viewBox="0 0 32 32" width="1.5em" height="1.5em" fill="none" aria-hidden="true" {...props}>
      <path
        className="fill-accent"
        d="M16 3c7.7 0 13 4.6 13 11.5S23.7 26 16 26c-1.3 0-2.5-.1-3.7-.4-1.7 1.5-4 2.7-6.6 3.2-.8.1-1.3-.7-.8-1.3 1-1.3 1.6-2.7 1.8-4.2C4.4 21.2 3 18.2 3 14.5 3 7.6 8.3 3 16 3Z"
      />
      <path
        className="stroke-on-accent"
        strokeWidth="2.6"
        strokeLinecap="round"
        d="M11.3 10.3v8.4"
      />
      <path
        className="stroke-on-accent"
        strokeOpacity=".6"
        strokeWidth="2.6"
        strokeLinecap="round"
        d="M16.3 14.5h5"
      />
    </svg>
  );
}
