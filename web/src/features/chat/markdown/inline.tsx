import type { Token, Tokens } from "marked";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { decodeEntities } from "@/features/chat/markdown/entities";
import { MarkdownImage } from "@/features/chat/markdown/image";
import { MathView } from "@/features/chat/markdown/math-view";
import { safeUrl } from "@/features/chat/markdown/safe-url";

/**
 * Answers become React elements, never HTML: what a model writes as HTML is shown as the text it is, and no
 * sanitiser has to be right.
 */
export function Inline({ tokens }: { tokens: Token[] | undefined }): ReactNode {
  return tokens?.map((token, at) => <Fragment key={at}>{renderInline(token)}</Fragment>);
}

function renderInline(token: Token): ReactNode {
  switch (token.type) {
    case "strong":
      return (
        <strong>
          <Inline tokens={token.tokens} />
        </strong>
      );
    case "em":
      return (
        <em>
          <Inline tokens={token.tokens} />
        </em>
      );
    case "del":
      return (
        <del>
          <Inline tokens={token.tokens} />
        </del>
      );
    case "codespan":
      return <code dir="ltr">{token.text}</code>;
    case "math":
      return <MathView tex={token.text} display={token.display} />;
    case "br":
      return <br />;
    case "link":
      return renderLink(token as Tokens.Link);
    case "image":
      return <MarkdownImage href={token.href} alt={decodeEntities(token.text)} />;
    case "checkbox":
      return <TaskBox done={token.checked} />;
    case "html":
      return /^<br\s*\/?>$/i.test(token.raw) ? <br /> : token.raw;
    case "escape":
      return token.text;
    default:
      if (token.type === "text" && token.tokens) return <Inline tokens={token.tokens} />;
      return decodeEntities("text" in token ? token.text : token.raw);
  }
}

function TaskBox({ done }: { done: boolean }) {
  const { t } = useTranslation();
  const name = t(done ? "chat.taskDone" : "chat.taskOpen");
  return <input type="checkbox" aria-label={name} checked={done} disabled readOnly />;
}

function renderLink(token: Tokens.Link): ReactNode {
  const href = safeUrl(token.href);
  const content = <Inline tokens={token.tokens} />;
  if (href === null) return content;
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      title={token.title ?? undefined}
    >
      {content}
    </a>
  );
}
