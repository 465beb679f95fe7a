import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { formatSeconds, useSecondsUntil } from "@/components/ui/countdown";
import { PenIcon, RetryIcon } from "@/components/ui/icons";
import { Notice } from "@/components/ui/notice";
import { useErrorText } from "@/i18n/use-error-text";
import { ApiError } from "@/lib/api/errors";

/** Failures that another model would not have. */
const ABOUT_MODEL = new Set([
  "MODEL_NOT_IN_PLAN",
  "MODEL_CANNOT_SEE",
  "MODEL_UNAVAILABLE",
  "MODEL_NOT_FOUND",
  "UPSTREAM_ERROR",
  "UPSTREAM_RATE_LIMITED",
  "UPSTREAM_REFUSED",
  "UPSTREAM_CONTEXT_TOO_LONG",
  "UPSTREAM_UNAVAILABLE",
]);
/** Failures that another plan would not have. */
const ABOUT_PLAN = new Set([
  "MODEL_NOT_IN_PLAN",
  "MESSAGE_LIMIT_REACHED",
  "CHAT_LIMIT_REACHED",
  "MESSAGE_TOO_LONG",
]);
/** Sending the same again can only fail the same way. */
const HOPELESS = new Set([
  "MESSAGE_TOO_LONG",
  "PAYLOAD_TOO_LARGE",
  "CHAT_NOT_FOUND",
  "FILES_TOO_LONG",
  "TOO_MANY_FILES",
  "FILE_NOT_FOUND",
]);

/** Longer than this one does not sit and watch; the sentence says when. */
const LONGEST_WAIT_S = 15 * 60;

/** When trying again makes sense, if the server has said so and it is soon. */
function nextTry({ status, details }: ApiError): number | null {
  const seconds = details.retryAfter;
  if (status !== 429 || seconds === undefined || seconds > LONGEST_WAIT_S) return null;
  return Date.now() + seconds * 1000;
}

export interface FailureProps {
  error: ApiError | string;
  onRetry?: () => void;
  retryLabel?: string;
  onEdit?: () => void;
  onDismiss?: () => void;
  /** Without it no other model is offered. */
  onChooseModel?: () => void;
  /** Without it there is no better plan. */
  onUpgrade?: (error: ApiError) => void;
}

/** What went wrong, in a sentence, and every way on that makes sense. */
export function Failure({
  error,
  onRetry,
  retryLabel,
  onEdit,
  onDismiss,
  onChooseModel,
  onUpgrade,
}: FailureProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const failure = useMemo(
    () => (typeof error === "string" ? new ApiError(error, "", 0) : error),
    [error],
  );
  const wait = useSecondsUntil(useMemo(() => nextTry(failure), [failure]));
  const retry = onRetry && !HOPELESS.has(failure.code);
  const otherModel = onChooseModel && ABOUT_MODEL.has(failure.code);
  const upgrade = onUpgrade && ABOUT_PLAN.has(failure.code);
  const actions = (retry || onEdit || onDismiss || otherModel || upgrade) && (
    <>
      {upgrade && (
        <Button size="sm" variant="primary" onClick={() => onUpgrade(failure)}>
          {t("upgrade.open")}
        </Button>
      )}
      {retry && (
        <Button size="sm" disabled={wait > 0} onClick={onRetry}>
          <RetryIcon />
          {wait > 0
            ? t("errors.countdown", { time: formatSeconds(wait) })
            : (retryLabel ?? t("common.retry"))}
        </Button>
      )}
      {onEdit && (
        <Button size="sm" onClick={onEdit}>
          <PenIcon />
          {t("chat.edit")}
        </Button>
      )}
      {otherModel && (
        <Button size="sm" onClick={onChooseModel}>
          {t("chat.chooseModel")}
        </Button>
      )}
      {onDismiss && (
        <Button size="sm" variant="quiet" onClick={onDismiss}>
          {t("common.cancel")}
        </Button>
      )}
    </>
  );
  return (
    <Notice className="mt-3" actions={actions}>
      {errorText(failure)}
    </Notice>
  );
}
