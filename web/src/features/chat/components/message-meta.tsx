import { useTranslation } from "react-i18next";
import type { MessageInfo } from "@/client/types.gen";
import { formatCost, formatTime } from "@/i18n/amounts";

/** Who answered, what it took and when; in one quiet line. */
export function MessageMeta({
  message,
  modelName,
}: {
  message: Pick<MessageInfo, "tokensUsed" | "cost" | "createdAt">;
  modelName: string | null;
}) {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  const cost = formatCost(language, message.cost);
  const when = new Date(message.createdAt);
  return (
    <p className="flex min-w-0 flex-wrap items-center gap-x-1.5 text-xs text-text-3 tabular-nums [&>*+*]:before:mr-1.5 [&>*+*]:before:content-['·']">
      {modelName && <span className="min-w-0 wrap-anywhere">{modelName}</span>}
      {message.tokensUsed > 0 && <span>{t("chat.tokens", { count: message.tokensUsed })}</span>}
      {cost && <span>{cost}</span>}
      <time dateTime={message.createdAt} title={when.toLocaleString(language)}>
        {formatTime(language, when)}
      </time>
    </p>
  );
}
