export interface Series {
  name: string;
  values: number[];
  kind: "bar" | "line";
  tone: keyof typeof TONES;
}

export const TONES = {
  accent: { fill: "fill-accent", stroke: "stroke-accent", dot: "bg-accent" },
  danger: { fill: "fill-danger", stroke: "stroke-danger", dot: "bg-danger" },
  warn: { fill: "fill-warn", stroke: "stroke-warn", dot: "bg-warn" },
  quiet: { fill: "fill-line-focus", stroke: "stroke-text-3", dot: "bg-line-focus" },
};
/** Columns, those of one moment side by side. */
export function Bars({
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

/** A line with a tint below it, and a dot where the reader points. */
export function Line({
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
