import type { ChatInfo } from "@/client/types.gen";
import { ChatRow } from "@/features/history/chat-row";
import { BLOCK, RowBlock } from "@/features/history/row-block";

/** Rows in blocks, of which only those near to what is seen are drawn. */
export function Rows({ chats, label }: { chats: ChatInfo[]; label: string }) {
  const blocks = [];
  for (let at = 0; at < chats.length; at += BLOCK) {
    const block = chats.slice(at, at + BLOCK);
    blocks.push(
      <RowBlock key={at} count={block.length} label={label}>
        {() => block.map((chat) => <ChatRow key={chat.id} chat={chat} />)}
      </RowBlock>,
    );
  }
  return blocks;
}
