import type { Token, Tokens } from "marked";
import { memo, type ReactNode } from "react";
import { CodeBlock } from "@/features/chat/markdown/code-block";
import { Inline } from "@/features/chat/markdown/inline";
import { MathView } from "@/features/chat/markdown/math-view";

/** One block. Rendered again only when its token is another one. */
export const BlockView = memo(function BlockView({ token }: { token: Token }): ReactNode {
  switch (token.type) {
    case "heading":
      return <Heading token={token as Tokens.Heading} />;
    case "paragraph":
      return (
        <p dir="auto">
          <Inline tokens={token.tokens} />
        </p>
      );
    case "text":
      return <Inline tokens={token.tokens ?? [token]} />;
    case "code":
      return <CodeBlock code={token.text} language={token.lang ?? ""} />;
    case "math":
      return <MathBlock tex={token.text} />;
    case "list":
      return <List token={token as Tokens.List} />;
    case "blockquote":
      return (
        <blockquote dir="auto">
          <Blocks tokens={token.tokens ?? []} />
        </blockquote>
      );
    case "table":
      return <Table token={token as Tokens.Table} />;
    case "hr":
      return <hr />;
    case "html":
      return <p className="whitespace-pre-wrap">{token.raw.trimEnd()}</p>;
    case "plain":
      return <Plain text={token.raw} />;
    case "space":
    case "def":
      return null;
    default:
      return <Inline tokens={[token]} />;
  }
});

/** Text as it was written: what would be too much work to read, or could not be read at all. */
export function Plain({ text }: { text: string }) {
  return (
    <p dir="auto" className="whitespace-pre-wrap wrap-anywhere">
      {text.trim()}
    </p>
  );
}

function MathBlock({ tex }: { tex: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable
    <div className="math-block" tabIndex={0}>
      <MathView tex={tex} display />
    </div>
  );
}

function Blocks({ tokens }: { tokens: Token[] }): ReactNode {
  return tokens.map((token, at) => <BlockView key={at} token={token} />);
}

/** The page's own headings are h1; an answer's begin one level below. */
function Heading({ token }: { token: Tokens.Heading }) {
  const Tag = `h${Math.min(token.depth + 1, 6)}` as "h2";
  return (
    <Tag dir="auto" data-depth={token.depth}>
      <Inline tokens={token.tokens} />
    </Tag>
  );
}

function List({ token }: { token: Tokens.List }) {
  const items = token.items.map((item, at) => (
    <li key={at} dir="auto" className={item.task ? "task" : undefined}>
      <Blocks tokens={item.tokens} />
    </li>
  ));
  return token.ordered ? <ol start={token.start || 1}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ token }: { token: Tokens.Table }) {
  return (
    // A table wider than a phone scrolls by itself, also with the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable
    <div className="table-scroll" tabIndex={0}>
      <table dir="auto">
        <thead>
          <tr>
            {token.header.map((cell, at) => (
              <th key={at} scope="col" data-align={cell.align ?? undefined}>
                <Inline tokens={cell.tokens} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, line) => (
            <tr key={line}>
              {row.map((cell, at) => (
                <td key={at} data-align={cell.align ?? undefined}>
                  <Inline tokens={cell.tokens} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
