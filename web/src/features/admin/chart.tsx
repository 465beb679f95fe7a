import { type PointerEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { axisEnd } from "@/features/admin/buckets";
import { Bars, Line, type Series, TONES } from "@/features/admin/chart-marks";
import { Numbers } from "@/features/admin/chart-table";
import { cn } from "@/lib/cn";

const HEIGHT = 190;
const TOP = 8;
const FOOT = 22;
const LEFT = 54;

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
