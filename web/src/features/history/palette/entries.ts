import type { ReactNode } from "react";
import type { ChatInfo, SearchHit } from "@/client/types.gen";

/** Something that can be done from the palette. */
export interface PaletteAction {
  id: string;
  label: string;
  icon: ReactNode;
  keys?: readonly string[];
  run: () => void;
}

export type Entry =
  | { kind: "action"; id: string; action: PaletteAction }
  | { kind: "chat"; id: string; chat: ChatInfo }
  | { kind: "hit"; id: string; hit: SearchHit };

export type SectionName = "actions" | "recent" | "titles" | "messages";

export interface Section {
  name: SectionName;
  entries: Entry[];
}

const RECENT = 7;

/** Every word of the query begins a word of the label. */
function suits(label: string, query: string): boolean {
  const words = label.toLowerCase().split(/\s+/);
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  return wanted.every((start) => words.some((word) => word.startsWith(start)));
}

/** Without a query the last chats and all actions; with one what it finds. */
export function sectionsOf(
  query: string,
  recent: ChatInfo[],
  actions: PaletteAction[],
  hits: SearchHit[],
): Section[] {
  const empty = query.trim() === "";
  const some = empty ? recent.slice(0, RECENT) : [];
  const suiting = actions.filter((action) => empty || suits(action.label, query));
  const of = (kind: SearchHit["kind"]) =>
    hits
      .filter((hit) => hit.kind === kind)
      .map((hit): Entry => ({ kind: "hit", id: hit.messageId ?? hit.chatId, hit }));
  const sections: Section[] = [
    { name: "recent", entries: some.map((chat) => ({ kind: "chat", id: chat.id, chat })) },
    { name: "titles", entries: of("chat") },
    {
      name: "actions",
      entries: suiting.map((action) => ({ kind: "action", id: action.id, action })),
    },
    { name: "messages", entries: of("message") },
  ];
  return sections.filter((section) => section.entries.length > 0);
}
