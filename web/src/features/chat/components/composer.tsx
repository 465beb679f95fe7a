import {
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
} from "react";
import { useTranslation } from "react-i18next";
import { ArrowUpIcon, StopIcon } from "@/components/ui/icons";
import { Spinner } from "@/components/ui/spinner";
import type { FilesState } from "@/features/chat/attachments/use-composer-files";
import { editLastQuestion } from "@/features/chat/focus";
import { sendKey } from "@/lib/appearance";
import { cn } from "@/lib/cn";
import { MOD } from "@/lib/shortcuts";
import { useStoredChoice } from "@/lib/stored-choice";

export interface ComposerProps {
  text: string;
  onText: (text: string) => void;
  onSend: () => void;
  onStop: () => void;
  /** An answer is being written: the button stops it. */
  generating: boolean;
  stopping: boolean;
  /** The text goes as soon as the files are there, unless it is taken back. */
  waiting?: boolean;
  onDontSend?: () => void;
  placeholder: string;
  /** Changes when the field should take the focus (another chat was opened). */
  focusKey: string;
  /** Whether files go with the text, and how far they are. */
  files?: FilesState;
  tray?: ReactNode;
  onPaste?: (event: ClipboardEvent) => void;
  children?: ReactNode;
}

/**
 * From here on the text is set in the system's font, because one that comes in a file for each script is laid out word by
 * word; and in a field of the greatest height, whose size asks nothing of the text and changes nothing around it.
 */
const HUGE = 10_000;

const isTouch = () => window.matchMedia("(pointer: coarse)").matches;

export function Composer(props: ComposerProps) {
  const { text, onText, onSend, onStop, generating, stopping, files = "none" } = props;
  const { t } = useTranslation();
  const field = useRef<HTMLTextAreaElement>(null);
  const sending = useStoredChoice(sendKey);
  const huge = text.length > HUGE;
  const some = text.trim() !== "" || files === "ready" || files === "busy";
  const ready = some && files !== "failed" && !generating;

  // Browsers that know `field-sizing: content` do this by themselves.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text decides the height
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null || CSS.supports?.("field-sizing", "content")) return;
    element.style.height = huge ? "" : "auto";
    if (!huge) element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says when
  useEffect(() => {
    // On a phone this would open the keyboard over what one came to read.
    if (!isTouch()) field.current?.focus();
  }, [props.focusKey]);

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key === "ArrowUp" && text === "") {
      return editLastQuestion();
    }
    if (event.key !== "Enter" || event.shiftKey) return;
    // Enter that picks a candidate of an input method is not a send (229 is Safari's sign of it).
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const mod = event.ctrlKey || event.metaKey;
    if (!mod && (isTouch() || sending === "mod-enter")) return;
    event.preventDefault();
    if (ready) onSend();
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onSend();
      }}
      className="rounded-2xl border border-line-strong bg-raised shadow-raised transition-[border-color,box-shadow] duration-150 focus-within:border-line-focus focus-within:shadow-composer"
    >
      {props.tray}
      <textarea
        ref={field}
        id="composer"
        rows={1}
        dir="auto"
        aria-label={t("chat.composer")}
        aria-describedby="composer-hint"
        placeholder={props.placeholder}
        enterKeyHint={isTouch() ? "enter" : "send"}
        value={text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={props.onPaste}
        className={cn(
          "block min-h-13 w-full resize-none bg-transparent px-4.5 pt-3.5 pb-1 text-[1rem] leading-6 text-text outline-none",
          huge
            ? "contain-strict h-[min(40dvh,22rem)] font-[system-ui,sans-serif]"
            : "field-sizing-content max-h-[min(40dvh,22rem)]",
        )}
      />
      <p id="composer-hint" className="sr-only">
        {sending === "enter" ? t("chat.enterHint") : t("chat.modEnterHint", { mod: MOD })}
      </p>
      <div className="flex items-center gap-2 p-2 pt-1 pl-2.5">
        <div className="flex min-w-0 flex-1 items-center">{props.children}</div>
        {/* One button for both, so that the focus on it outlives the answer. */}
        {generating ? (
          <RoundButton
            label={t(stopping ? "chat.stopping" : "chat.stop")}
            onClick={onStop}
            busy={stopping}
          >
            {stopping ? <Spinner /> : <StopIcon />}
          </RoundButton>
        ) : props.waiting ? (
          <RoundButton label={t("chat.dontSend")} onClick={props.onDontSend}>
            <Spinner />
          </RoundButton>
        ) : (
          <RoundButton label={t("chat.send")} disabled={!ready} submit>
            <ArrowUpIcon strokeWidth={2} />
          </RoundButton>
        )}
      </div>
    </form>
  );
}

function RoundButton({
  label,
  disabled = false,
  submit = false,
  busy = false,
  onClick,
  children,
}: {
  label: string;
  disabled?: boolean;
  submit?: boolean;
  busy?: boolean;
  onClick?: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type={submit ? "submit" : "button"}
      aria-label={label}
      title={label}
      aria-disabled={disabled || busy || undefined}
      // The second half of a double click on "send" must not stop what the first has begun.
      onClick={disabled || busy ? undefined : (event) => event.detail < 2 && onClick?.()}
      className={cn(
        "inline-flex size-9 shrink-0 items-center justify-center rounded-full text-lg transition-colors duration-150 pointer-coarse:size-10",
        disabled
          ? "cursor-default! bg-sunken text-text-3"
          : submit
            ? "bg-accent text-on-accent hover:bg-accent-hover"
            : "bg-text text-canvas hover:opacity-85",
      )}
    >
      {children}
    </button>
  );
}
