import { type PointerEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { axisEnd } from "@/features/admin/buckets";
import { cn } from "@/lib/cn";

export interface Series {
  name: string;
  values: number[];
  kind: "bar" | "line";
  tone: keyof typeof TONES;
}

const TONES = {
  accent: { fill: "fill-accent", stroke: "stroke-accent", dot: "bg-accent" },
  danger: { fill: "fill-danger", stroke: "stroke-danger", dot: "bg-danger" },
  warn: { fill: "fill-warn", stroke: "stroke-warn", dot: "bg-warn" },
  quiet: { fill: "fill-line-focus", stroke: "stroke-text-3", dot: "bg-line-focus" },
};
const HEIGHT = 190;
const TOP = 8;
const FOOT = 22;
const LEFT = 46;

/** Numbers over time, drawn; the same numbers are a table for whoever cannot or will not look at a drawing. */
export function Chart({
  title,
  total,
  labels,
  series,
  format,
  axis,
}: {
  title: string;
  /** What it comes to, in words. */
  total: string;
  labels: string[];
  series: Series[];
  format: (value: number) => string;
  /** Shorter, for the axis. */
  axis: (value: number) => string;
}) {
  const { t } = useTranslation();
  const heading = useId();
  const [frame, width] = useWidth();
  const [pointed, setPointed] = useState<number | null>(null);
  const count = labels.length;
  const top = axisEnd(Math.max(0, ...series.flatMap((one) => one.values)));
  const step = (width - LEFT) / Math.max(count, 1);
  const x = (index: number) => LEFT + step * (index + 0.5);
  const y = (value: number) => TOP + (HEIGHT - TOP - FOOT) * (1 - Math.max(value, 0) / top);

  function point(event: PointerEvent<SVGSVGElement>) {
    const offset = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
    setPointed(Math.min(Math.max(Math.floor(offset / step), 0), count - 1));
  }

  return (
    <figure
      aria-labelledby={heading}
      className="min-w-0 rounded-lg border border-line bg-raised p-4"
    >
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-3 gap-y-1">
        <span id={heading} className="text-sm font-medium">
          {title}
        </span>
        <span className="text-sm text-text-2 tabular-nums">{total}</span>
      </figcaption>
      {series.length > 1 && (
        <p className="mt-1 flex flex-wrap gap-x-4 gap-y-0.5 text-xs text-text-3">
          {series.map((one) => (
            <span key={one.name} className="inline-flex items-center gap-1.5">
              <span aria-hidden="true" className={cn("size-2 rounded-full", TONES[one.tone].dot)} />
              {one.name}
            </span>
          ))}
        </p>
      )}
      <div ref={frame} className="relative mt-2">
        <svg
          role="img"
          aria-label={`${title}: ${total}`}
          width={width}
          height={HEIGHT}
          className="block touch-pan-y"
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setPointed(null)}
        >
          {[0, 0.5, 1].map((part) => (
            <g key={part}>
              <line
                x1={LEFT}
                x2={width}
                y1={y(top * part)}
                y2={y(top * part)}
                className="stroke-line"
              />
              <text
                x={LEFT - 8}
                y={y(top * part) + 4}
                textAnchor="end"
                className="fill-text-3 text-[11px] tabular-nums"
              >
                {axis(top * part)}
              </text>
            </g>
          ))}
          {pointed !== null && (
            <line
              x1={x(pointed)}
              x2={x(pointed)}
              y1={TOP}
              y2={HEIGHT - FOOT}
              className="stroke-line-focus"
            />
          )}
          <Bars series={series.filter((one) => one.kind === "bar")} step={step} x={x} y={y} />
          {series
            .filter((one) => one.kind === "line")
            .map((one) => (
              <Line key={one.name} series={one} x={x} y={y} pointed={pointed} />
            ))}
          {ticks(count, width).map((index) => (
            <text
              key={index}
              x={Math.min(Math.max(x(index), LEFT + 18), width - 20)}
              y={HEIGHT - 6}
              textAnchor="middle"
              className="fill-text-3 text-[11px]"
            >
              {labels[index]}
            </text>
          ))}
        </svg>
        {pointed !== null && (
          <div
            aria-hidden="true"
            className={cn(
              "pointer-events-none absolute top-0 z-10 rounded-md bg-raised px-2.5 py-1.5 text-xs whitespace-nowrap shadow-float",
              pointed > count / 2 ? "-translate-x-full" : "",
            )}
            style={{ left: x(pointed) + (pointed > count / 2 ? -8 : 8) }}
          >
            <div className="text-text-3">{labels[pointed]}</div>
            {series.map((one) => (
              <div key={one.name} className="flex items-center gap-1.5 tabular-nums">
                <span className={cn("size-2 rounded-full", TONES[one.tone].dot)} />
                {format(one.values[pointed] ?? 0)}
                <span className="text-text-3">{one.name}</span>
              </div>
            ))}
          </div>
        )}
      </div>
      <Numbers
        title={title}
        labels={labels}
        series={series}
        format={format}
        summary={t("admin.chart.table")}
      />
    </figure>
  );
}

function Bars({
  series,
  step,
  x,
  y,
}: {
  series: Series[];
  step: number;
  x: (index: number) => number;
  y: (value: number) => number;
}) {
  const room = Math.min(step * 0.72, 26 * series.length);
  const each = room / Math.max(series.length, 1);
  return series.map((one, place) => (
    <g key={one.name} className={TONES[one.tone].fill}>
      {one.values.map((value, index) =>
        value > 0 ? (
          <rect
            key={index}
            x={x(index) - room / 2 + each * place}
            y={y(value)}
            width={Math.max(each - (series.length > 1 ? 0.5 : 0), 1)}
            height={Math.max(y(0) - y(value), 1)}
            rx={Math.min(2, each / 3)}
          />
        ) : null,
      )}
    </g>
  ));
}

function Line({
  series,
  x,
  y,
  pointed,
}: {
  series: Series;
  x: (index: number) => number;
  y: (value: number) => number;
  pointed: number | null;
}) {
  const tone = TONES[series.tone];
  const points = series.values.map(
    (value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`,
  );
  const last = series.values.length - 1;
  return (
    <g>
      {points.length > 1 && (
        <polygon
          points={`${x(0)},${y(0)} ${points.join(" ")} ${x(last)},${y(0)}`}
          className={tone.fill}
          opacity={0.09}
        />
      )}
      <polyline
        points={points.join(" ")}
        className={tone.stroke}
        fill="none"
        strokeWidth={1.75}
        strokeLinejoin="round"
        strokeLinecap="round"
      />
      {(pointed !== null || points.length === 1) && (
        <circle
          cx={x(pointed ?? 0)}
          cy={y(series.values[pointed ?? 0] ?? 0)}
          r={3.5}
          className={tone.fill}
        />
      )}
    </g>
  );
}

function Numbers({
  title,
  labels,
  series,
  format,
  summary,
}: {
  title: string;
  labels: string[];
  series: Series[];
  format: (value: number) => string;
  summary: string;
}) {
  const [open, setOpen] = useState(false);
  return (
    <details className="mt-1 text-xs" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="inline-block cursor-pointer rounded-sm text-text-3 hover:text-text">
        {summary}
        <span className="sr-only">: {title}</span>
      </summary>
      {open && (
        // biome-ignore lint/a11y/useSemanticElements: no fieldset, and no landmark either
        <div
          role="group"
          aria-label={title}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="mt-2 max-h-64 overflow-auto"
        >
          <table className="w-full tabular-nums">
            <thead>
              <tr className="text-left text-text-3">
                <td />
                {series.map((one) => (
                  <th key={one.name} scope="col" className="py-1 text-right font-medium">
                    {one.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {labels.map((label, index) => (
                <tr key={label} className="border-t border-line">
                  <th scope="row" className="py-1 text-left font-normal text-text-2">
                    {label}
                  </th>
                  {series.map((one) => (
                    <td key={one.name} className="py-1 text-right">
                      {format(one.values[index] ?? 0)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

/** Which labels have room: a few, evenly spread. */
function ticks(count: number, width: number): number[] {
  const room = Math.max(2, Math.floor((width - LEFT) / 78));
  const every = Math.max(1, Math.ceil(count / room));
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every);
}

function useWidth() {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(320);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [frame, width] as const;
}
