import { describe, expect, it } from "vitest";
import { axisEnd, buckets } from "@/features/admin/buckets";

const day = (index: number) => ({
  day: new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10),
  revenue: 0.1,
  refunds: 0,
  cost: 1,
  mrr: index,
  subscribers: index,
  newSubscribers: 1,
  failedRenewals: 0,
});
const days = (count: number) => Array.from({ length: count }, (_, index) => day(index));

describe("buckets", () => {
  it("are the days themselves where a chart can show them", () => {
    expect(buckets(days(90))).toHaveLength(90);
  });

  it("are weeks of a year, whole ones at its end, and lose nothing", () => {
    const found = buckets(days(366));
    expect(found).toHaveLength(53);
    expect(found[0]).toMatchObject({ from: "2026-01-01", to: "2026-01-02", newSubscribers: 2 });
    expect(found.at(-1)).toMatchObject({ to: "2027-01-01", mrr: 365, revenue: 0.7 });
    expect(found.reduce((sum, bucket) => sum + bucket.newSubscribers, 0)).toBe(366);
  });

  it("are none of no days", () => {
    expect(buckets([])).toEqual([]);
  });
});

describe("axisEnd", () => {
  it.each([
    [0, 4],
    [4.2, 5],
    [100, 100],
    [101, 200],
    [201, 250],
    [260, 500],
    [990_000, 1_000_000],
  ])("of %d is %d", (value, end) => expect(axisEnd(value)).toBe(end));
});
