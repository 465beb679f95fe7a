import {
  type KeyboardEvent,
  lazy,
  type ReactNode,
  Suspense,
  useMemo,
  useRef,
  useState,
} from "react";
import type { ChatInfo } from "@/client/types.gen";
import { deleteWithUndo } from "@/features/history/arranging";
import { RowsContext } from "@/features/history/rows-context";
import { withTexts } from "@/i18n/i18n";

const MoveDialog = lazy(() => withTexts("finding", import("@/features/history/move-dialog")));

const ROW = "a[data-row]";
const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

/** Lists of chats: arrows walk through them. `onDeleted` hears of a deletion at once. */
export function RowsProvider({
  onDeleted,
  children,
}: {
  onDeleted: (chatId: string) => void;
  children: ReactNode;
}) {
  const area = useRef<HTMLDivElement>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [moving, setMoving] = useState<ChatInfo | null>(null);
  const rows = useMemo(() => {
    const focus = (id: string | undefined) =>
      // After a menu has closed, which gives the focus back to a button that may be gone.
      setTimeout(() => area.current?.querySelector<HTMLElement>(`[data-row="${id}"]`)?.focus(), 50);
    return {
      renaming,
      rename: (id: string | null) => {
        setRenaming(id);
        if (id === null && renaming !== null) focus(renaming);
      },
      move: setMoving,
      remove: (chat: ChatInfo) => {
        const all = [...(area.current?.querySelectorAll<HTMLElement>(ROW) ?? [])];
        const at = all.findIndex((row) => row.dataset.row === chat.id);
        focus((all[at + 1] ?? all[at - 1])?.dataset.row);
        deleteWithUndo(chat);
        onDeleted(chat.id);
      },
    };
  }, [renaming, onDeleted]);

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const row = (event.target as HTMLElement).closest<HTMLElement>(ROW);
    if (row === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const all = [...(area.current?.querySelectorAll<HTMLElement>(ROW) ?? [])];
    all[all.indexOf(row) + step]?.focus();
  }

  return (
    <RowsContext value={rows}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the links inside are what is interacted with */}
      <div ref={area} onKeyDown={onKeyDown}>
        {children}
      </div>
      {moving && (
        <Suspense>
          <MoveDialog chat={moving} onClose={() => setMoving(null)} />
        </Suspense>
      )}
    </RowsContext>
  );
}
