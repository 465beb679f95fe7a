import { memo, type ReactNode, type RefCallback } from "react";
import type { MessageInfo } from "@/client/types.gen";
import { AssistantMessage } from "@/features/chat/components/assistant-message";
import { UserMessage } from "@/features/chat/components/user-message";
import type { MessageActions } from "@/features/chat/message-actions";
import { settleRow, useOffPage } from "@/features/chat/row-sizes";
import type { Row } from "@/features/chat/rows";
import { rowKey } from "@/features/chat/stream/turn-messages";

const whenShown: RefCallback<HTMLDivElement> = (element) => {
  if (element !== null) settleRow(element);
};

/** Where a message stands: out of view the browser leaves it alone, yet finds its text and knows its height. */
function MessageRow({ children }: { children: ReactNode }) {
  return (
    <div ref={whenShown} className="message-row">
      {children}
    </div>
  );
}

export interface MessagesProps {
  rows: Row[];
  nameOf: (model: string | null) => string | null;
  actions: MessageActions;
  /** The last row is the last of the chat, with nothing being written behind it. */
  last?: boolean;
  /** A message on its way appears with a small movement. */
  freshId?: string | null;
}

export function Messages({ rows, nameOf, actions, last = false, freshId = null }: MessagesProps) {
  return rows.map((row, at) => (
    <MessageRow key={rowKey(row.message.id)}>
      <Message
        message={row.message}
        lastId={row.lastId}
        modelName={nameOf(row.message.model)}
        fresh={row.message.id === freshId}
        last={last && at === rows.length - 1}
        actions={actions}
      />
    </MessageRow>
  ));
}

/** What is stored, in the parts it was added in. Frames that arrive do not change it. */
export const Parts = memo(function Parts({
  parts,
  last,
  ...rest
}: Omit<MessagesProps, "rows" | "freshId"> & { parts: Row[][] }) {
  return parts.map((rows, at) => {
    const isLast = at === parts.length - 1;
    return (
      <Part key={rows[0]?.message.id} rows={rows} stays={isLast} last={isLast && last} {...rest} />
    );
  });
});

/** Far from view the browser has as little to do with a part as React has; farther still it is taken off the page. */
const Part = memo(function Part({ rows, stays, ...rest }: MessagesProps & { stays: boolean }) {
  const { part, height } = useOffPage(stays);
  return (
    <div
      ref={part}
      data-part={rows[0]?.message.id}
      style={height === null ? undefined : { height }}
      className="message-part"
    >
      {height === null && <Messages rows={rows} {...rest} />}
    </div>
  );
});

function Message({
  message,
  fresh,
  ...rest
}: {
  message: MessageInfo;
  lastId: string;
  modelName: string | null;
  fresh: boolean;
  last: boolean;
  actions: MessageActions;
}) {
  if (message.role === "user")
    return <UserMessage message={message} fresh={fresh} actions={rest.actions} />;
  return <AssistantMessage message={message} {...rest} />;
}
