import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { PenIcon, RetryIcon } from "@/components/ui/icons";
import { Notice } from "@/components/ui/notice";
import { useErrorText } from "@/i18n/use-error-text";
import { ApiError } from "@/lib/api/errors";

/** Failures that another model would not have. */
const ABOUT_MODEL = new Set([
  "MODEL_NOT_IN_PLAN",
  "MODEL_UNAVAILABLE",
  "MODEL_NOT_FOUND",
  "UPSTREAM_ERROR",
  "UPSTREAM_RATE_LIMITED",
  "UPSTREAM_REFUSED",
  "UPSTREAM_CONTEXT_TOO_LONG",
  "UPSTREAM_UNAVAILABLE",
]);
/** Sending the same again can only fail the same way. */
const HOPELESS = new Set(["MESSAGE_TOO_LONG", "PAYLOAD_TOO_LARGE", "CHAT_NOT_FOUND"]);

/** What went wrong, in a sentence, and every way on that makes sense. */
export function Failure({
  error,
  onRetry,
  retryLabel,
  onEdit,
  onChooseModel,
}: {
  error: ApiError | string;
  onRetry?: () => void;
  retryLabel?: string;
  onEdit?: () => void;
  onChooseModel: () => void;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const failure = typeof error === "string" ? new ApiError(error, "", 0) : error;
  return (
    <Notice
      className="mt-3"
      actions={
        <>
          {onRetry && !HOPELESS.has(failure.code) && (
            <Button size="sm" onClick={onRetry}>
              <RetryIcon />
              {retryLabel ?? t("common.retry")}
            </Button>
          )}
          {onEdit && (
            <Button size="sm" onClick={onEdit}>
              <PenIcon />
              {t("chat.edit")}
            </Button>
          )}
          {ABOUT_MODEL.has(failure.code) && (
            <Button size="sm" onClick={onChooseModel}>
              {t("chat.chooseModel")}
            </Button>
          )}
        </>
      }
    >
      {errorText(failure)}
    </Notice>
  );
}
