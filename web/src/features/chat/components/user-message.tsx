import { memo } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";

/** What the user wrote, exactly as written. */
export const UserMessage = memo(function UserMessage({
  id,
  text,
  fresh = false,
}: {
  id: string;
  text: string;
  fresh?: boolean;
}) {
  const { t } = useTranslation();
  return (
    <article
      data-message={id}
      aria-label={t("chat.you")}
      className={cn("flex justify-end", fresh && "animate-rise")}
    >
      <div
        dir="auto"
        className="max-w-[min(34rem,88%)] whitespace-pre-wrap rounded-xl rounded-br-sm bg-bubble px-4 py-2.5 text-[1rem] leading-6 wrap-anywhere"
      >
        {text}
      </div>
    </article>
  );
});
