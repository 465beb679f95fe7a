import type { DragEvent } from "react";
import type { ChatInfo } from "@/client/types.gen";

/** The chat that is being dragged; dragging stays within a page. */
let dragged: ChatInfo | null = null;

export function dragChat(event: DragEvent, chat: ChatInfo) {
  dragged = chat;
  event.dataTransfer.effectAllowed = "copyMove";
}

/** Properties of a place that chats can be dropped on. `data-over` while one is above it. */
export function dropTarget(accept: (chat: ChatInfo) => void) {
  const over = (event: DragEvent<HTMLElement>, is: boolean) => {
    if (is) event.currentTarget.dataset.over = "";
    else delete event.currentTarget.dataset.over;
  };
  return {
    onDragOver: (event: DragEvent<HTMLElement>) => {
      if (dragged === null) return;
      event.preventDefault();
      over(event, true);
    },
    onDragLeave: (event: DragEvent<HTMLElement>) => over(event, false),
    onDrop: (event: DragEvent<HTMLElement>) => {
      over(event, false);
      if (dragged === null) return;
      event.preventDefault();
      event.stopPropagation();
      accept(dragged);
      dragged = null;
    },
  };
}
