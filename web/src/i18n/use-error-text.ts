import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { errorText } from "@/i18n/error-text";
import { toApiError } from "@/lib/api/errors";

export function useErrorText(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  return useCallback((error: unknown) => errorText(t, language, toApiError(error)), [t, language]);
}
