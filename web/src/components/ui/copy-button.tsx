import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { CheckIcon, CopyIcon } from "@/components/ui/icons";
import { copyText } from "@/lib/copy-text";
import { say } from "@/lib/toasts";

export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      label={copied ? t("common.copied") : label}
      onClick={async () => {
        const done = await copyText(text);
        setCopied(done);
        if (done) say(t("common.copied"));
      }}
    >
      {copied ? <CheckIcon className="text-accent-text" /> : <CopyIcon />}
    </IconButton>
  );
}
