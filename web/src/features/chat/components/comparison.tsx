import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { Button } from "@/components/ui/button";
import { CheckIcon } from "@/components/ui/icons";
import { AnswerText } from "@/features/chat/components/assistant-message";
import { Failure } from "@/features/chat/components/failure";
import { MessageMeta } from "@/features/chat/components/message-meta";
import type { Turn } from "@/features/chat/stream/turn";
import { answerMessage } from "@/features/chat/stream/turn-messages";
import { useTurn } from "@/features/chat/stream/turn-store";
import { cn } from "@/lib/cn";

export interface ComparisonProps {
  /** The turn whose answers are being compared; null when they are all there. */
  turn: Turn | null;
  compared: MessageInfo[] | undefined;
  /** The one the chat goes on from unless another one is chosen. */
  chosenId: string | undefined;
  nameOf: (model: string | null) => string | null;
  onChoose: (answer: MessageInfo) => void;
}

/** Answers of several models to one question, side by side; on a phone one swipes between them. */
export default function Comparison({
  turn,
  compared,
  chosenId,
  nameOf,
  onChoose,
}: ComparisonProps) {
  const { t } = useTranslation();
  return (
    <section
      aria-label={t("compare.title")}
      // Wider than the text beside which it stands, never wider than the place there is.
      className="mx-[calc((100%-min(100cqw,63rem))/2)] flex snap-x snap-mandatory gap-3 overflow-x-auto px-4 pb-2 sm:px-6"
    >
      {turn !== null
        ? [turn.chatId, ...turn.lanes].map((key) => (
            <Lane key={key} turnKey={key} nameOf={nameOf} />
          ))
        : compared?.map((message) => (
            <Card
              key={message.id}
              message={message}
              modelName={nameOf(message.model)}
              chosen={message.id === chosenId}
              onChoose={() => onChoose(message)}
            />
          ))}
    </section>
  );
}

function Lane({ turnKey, nameOf }: { turnKey: string; nameOf: ComparisonProps["nameOf"] }) {
  const turn = useTurn(turnKey);
  const message = turn && answerMessage(turn);
  if (!message) return null;
  return <Card message={message} modelName={nameOf(message.model)} />;
}

function Card({
  message,
  modelName,
  chosen = false,
  onChoose,
}: {
  message: MessageInfo;
  modelName: string | null;
  chosen?: boolean;
  onChoose?: () => void;
}) {
  const { t } = useTranslation();
  const growing = message.status === "generating";
  return (
    <article
      data-message={message.id}
      aria-label={t("compare.answerOf", { name: modelName ?? "" })}
      aria-busy={growing || undefined}
      className={cn(
        "flex min-w-0 flex-[1_0_min(86%,18rem)] snap-center flex-col rounded-xl border bg-raised p-4",
        chosen ? "border-accent" : "border-line",
      )}
    >
      <h3 className="mb-2 truncate text-sm font-semibold text-text-2">{modelName}</h3>
      <div className="min-w-0 flex-1">
        <AnswerText message={message} />
        {message.status === "failed" && <Failure error={message.errorCode ?? "UPSTREAM_ERROR"} />}
      </div>
      {!growing && (
        <div className="mt-4 flex flex-wrap items-center gap-2">
          {onChoose && message.status !== "failed" && (
            <Button size="sm" variant={chosen ? "primary" : "outline"} onClick={onChoose}>
              {chosen && <CheckIcon />}
              {t(chosen ? "compare.keep" : "compare.choose")}
            </Button>
          )}
          <MessageMeta message={message} modelName={null} />
        </div>
      )}
    </article>
  );
}
