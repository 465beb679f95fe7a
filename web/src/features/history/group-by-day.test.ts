import { describe, expect, it } from "vitest";
import type { ChatInfo } from "@/client/types.gen";
import { groupByDay } from "@/features/history/group-by-day";

const NOW = new Date(2026, 10, 22, 0, 30);
const chat = (at: Date): ChatInfo => ({
  id: at.toISOString(),
  userId: "u",
  title: "t",
  model: "m",
  systemPrompt: null,
  temperature: 0.7,
  activeGenerationId: null,
  pinned: false,
  archived: false,
  folderId: null,
  activeGenerations: [],
  createdAt: at.toISOString(),
  updatedAt: at.toISOString(),
});

describe("groupByDay", () => {
  it("goes by the reader's calendar day, not by 24 hours", () => {
    const groups = groupByDay(
      [
        new Date(2026, 10, 22, 0, 10),
        new Date(2026, 10, 21, 23, 50),
        new Date(2026, 10, 15, 12, 0),
        new Date(2026, 10, 14, 12, 0),
        new Date(2026, 9, 1, 12, 0),
        new Date(2025, 0, 31, 12, 0),
      ].map(chat),
      NOW,
    );
    expect(groups.map((group) => group.key)).toEqual([
      "today",
      "yesterday",
      "week",
      "month",
      "month:2026-10",
      "month:2025-01",
    ]);
  });

  it("takes a clock that runs ahead for today", () => {
    const [group] = groupByDay([chat(new Date(2026, 10, 22, 9, 0))], NOW);
    expect(group?.key).toBe("today");
  });
});
