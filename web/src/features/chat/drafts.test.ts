import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  clearAllDrafts,
  readDraft,
  settleDraft,
  writeDraft,
  writeDraftSoon,
} from "@/features/chat/drafts";

const draft = (text: string, clientMessageId: string | null = null) => ({
  text,
  clientMessageId,
  files: [],
});
const stored = (chatId: string) => localStorage.getItem(`draft:${chatId}`);

beforeEach(() => localStorage.clear());
afterEach(clearAllDrafts);

describe("a draft", () => {
  it("is written down when the page is left, however short the pause", () => {
    writeDraftSoon("a", draft("half a th"));
    writeDraftSoon("a", draft("half a thought"));
    expect(stored("a")).toBeNull();
    window.dispatchEvent(new Event("pagehide"));
    expect(stored("a")).toContain("half a thought");
  });

  it("is read back whole, and those of other chats are kept apart", () => {
    writeDraftSoon("a", draft("one"));
    writeDraftSoon("b", draft("two"));
    expect(readDraft("a").text).toBe("one");
    expect(readDraft("b").text).toBe("two");
  });

  it("does not come back after it was sent", () => {
    writeDraftSoon("a", draft("typed"));
    writeDraft("a", draft("typed", "id-1"));
    settleDraft("a", "id-1");
    window.dispatchEvent(new Event("pagehide"));
    expect(stored("a")).toBeNull();
  });

  it("typed while the former text was on its way stays when that has arrived", () => {
    writeDraft("a", draft("sent", "id-1"));
    writeDraftSoon("a", draft("typed since"));
    settleDraft("a", "id-1");
    expect(readDraft("a").text).toBe("typed since");
  });

  it("is nobody else's after signing out", () => {
    writeDraftSoon("a", draft("secret"));
    clearAllDrafts();
    window.dispatchEvent(new Event("pagehide"));
    expect(stored("a")).toBeNull();
  });
});
