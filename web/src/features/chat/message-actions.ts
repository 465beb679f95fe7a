import type { MessageInfo } from "@/client/types.gen";
import type { ApiError } from "@/lib/api/errors";

/** What can be done with the messages of a chat. One object per chat, so that messages need not be drawn again. */
export interface MessageActions {
  /** False, and said why, while an answer is being written: nothing else can begin then. */
  mayBegin: () => boolean;
  regenerate: (answer: MessageInfo) => void;
  /** Lets the reader pick the model that answers anew. */
  regenerateWith: (answer: MessageInfo) => void;
  /** False where it may not begin. */
  edit: (question: MessageInfo, text: string) => boolean;
  goOn: (lastId: string) => void;
  chooseBranch: (messageId: string) => void;
  /** Ends the comparison: the chat goes on from this answer, with the model that wrote it. */
  keepAnswer: (answer: MessageInfo) => void;
  /** Offered where another plan would help; undefined on the best one. */
  upgrade?: (error: ApiError) => void;
  chooseModel: () => void;
}
