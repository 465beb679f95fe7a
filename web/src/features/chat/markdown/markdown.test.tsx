import { fireEvent, render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { Markdown } from "@/features/chat/markdown/markdown";
import { IMAGES, safeUrl } from "@/features/chat/markdown/safe-url";

const show = (text: string, growing = false) =>
  render(<Markdown text={text} growing={growing} />).container;

const XSS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "<svg><script>alert(1)</script></svg>",
  '<iframe src="javascript:alert(1)"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  "<body onload=alert(1)>",
  "<details open ontoggle=alert(1)>",
  "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
  '<a href="javascript:alert(1)">x</a>',
  '<form action="javascript:alert(1)"><button>x</button></form>',
  "<style>*{background:url(https://evil.example)}</style>",
  '<link rel=stylesheet href="https://evil.example">',
  '<meta http-equiv=refresh content="0;url=https://evil.example">',
  '<base href="https://evil.example">',
  "<object data=javascript:alert(1)>",
  "<embed src=javascript:alert(1)>",
  "<input autofocus onfocus=alert(1)>",
  "<marquee onstart=alert(1)>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java\nscript:alert(1))",
  "[x](java&#10;script:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](javascript&colon;alert(1))",
  "[x](\u0001javascript:alert(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](vbscript:msgbox(1))",
  "[x](file:///etc/passwd)",
  "[x](blob:https://example.com/1)",
  "<javascript:alert(1)>",
  "[x]: javascript:alert(1)\n\n[x]",
  "![x](javascript:alert(1))",
  "![x](data:image/svg+xml,<svg onload=alert(1)>)",
  '![x](https://e.example/a.png"onerror="alert(1))',
  '[x](https://e.example "onmouseover=alert(1)")',
  "```<img src=x onerror=alert(1)>\n<script>alert(1)</script>\n```",
  '```js" onload="alert(1)\n1\n```',
  "`<img src=x onerror=alert(1)>`",
  "| <img src=x onerror=alert(1)> |\n|---|\n| <script>alert(1)</script> |",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "# <img src=x onerror=alert(1)>",
  "- <img src=x onerror=alert(1)>",
  "> <script>alert(1)</script>",
  "[<img src=x onerror=alert(1)>](https://e.example)",
  "**<script>alert(1)</script>**",
  "<!--><script>alert(1)</script>-->",
  "<![CDATA[<script>alert(1)</script>]]>",
  "<scr<script>ipt>alert(1)</script>",
];

const ALLOWED = new Set(
  "div p h2 h3 h4 h5 h6 strong em del code pre br hr a ul ol li input blockquote table thead tbody tr th td button span svg path rect circle g".split(
    " ",
  ),
);

describe("an answer that attacks", () => {
  it.each(XSS)("stays text: %s", (payload) => {
    for (const growing of [false, true]) {
      const root = show(payload, growing);
      for (const element of root.querySelectorAll("*")) {
        expect(ALLOWED).toContain(element.localName);
        for (const { name } of element.attributes) expect(name).not.toMatch(/^on|^style$|^srcdoc$/);
        const href = element.getAttribute("href");
        if (href !== null) expect(href).toMatch(/^(https?|mailto|tel):/);
      }
    }
  });
});

/** Every way to write a link or image, with every spelling of an address that must not be followed. */
const ADDRESSES = [
  "javascript:alert(1)",
  "JAVASCRIPT:alert(1)",
  "jAvAsCrIpT:alert`1`",
  "javascript://example.com/%0aalert(1)",
  "javascript&#58;alert(1)",
  "javascript&#x3A;alert(1)",
  "javascript&#x3a;alert(1)",
  "&#x6a;avascript:alert(1)",
  "&#0000106avascript:alert(1)",
  "java&Tab;script:alert(1)",
  "java&NewLine;script:alert(1)",
  "java\tscript:alert(1)",
  "java\u0000script:alert(1)",
  "\u0000javascript:alert(1)",
  "\u001fjavascript:alert(1)",
  "\u00a0javascript:alert(1)",
  "\u200bjavascript:alert(1)",
  "\ufeffjavascript:alert(1)",
  "javascript\\:alert(1)",
  "javascript%3Aalert(1)",
  "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
  "DATA:text/html,x",
  "data:image/svg+xml;base64,PHN2Zy8+",
  "vbscript:msgbox(1)",
  "VbScRiPt:msgbox(1)",
  "file:///etc/passwd",
  "blob:https://example.com/1",
  "filesystem:https://example.com/1",
  "view-source:javascript:alert(1)",
  "about:blank",
  "ftp://example.com/x",
  "ws://example.com/x",
  "intent://example.com#Intent;end",
  "/api/auth/logout",
  "../settings",
  "?next=/",
  "#top",
  "//relative.invalid/x",
];

const FORMS: [string, (address: string) => string][] = [
  ["link", (address) => `[x](${address})`],
  ["link in angle brackets", (address) => `[x](<${address}>)`],
  ["link with a title", (address) => `[x](${address} "javascript:alert(1)")`],
  ["reference", (address) => `[x][y]\n\n[y]: ${address} 'title'`],
  ["short reference", (address) => `[x]\n\n[x]: <${address}>`],
  ["autolink", (address) => `<${address}>`],
  ["bare", (address) => `see ${address} there`],
  ["image", (address) => `![x](${address})`],
  ["image reference", (address) => `![x][y]\n\n[y]: ${address}`],
  ["image in a link", (address) => `[![x](${address})](${address})`],
];

describe("an address that must not be followed", () => {
  it.each(ADDRESSES)("leads nowhere: %j", (address) => {
    for (const [form, write] of FORMS) {
      for (const growing of [false, true]) {
        const { container, unmount } = render(<Markdown text={write(address)} growing={growing} />);
        for (const link of container.querySelectorAll("a")) {
          // What a bare address holds inside of it may be a page of its own.
          expect(link.protocol, form).toMatch(/^(https?|mailto):$/);
          expect(link.host, form).not.toBe(location.host);
        }
        for (const button of container.querySelectorAll<HTMLElement>("p button")) {
          fireEvent.click(button);
        }
        expect(container.querySelector("img"), form).toBeNull();
        unmount();
      }
    }
  });
});

describe("safeUrl", () => {
  it("lets only pages, mail and telephone through", () => {
    expect(safeUrl("https://example.com/a b")).toBe("https://example.com/a%20b");
    expect(safeUrl("mailto:a@b.co")).toBe("mailto:a@b.co");
    expect(safeUrl("/api/auth/logout")).toBeNull();
    expect(safeUrl("//relative.invalid/x")).toBeNull();
    expect(safeUrl("\tjavascript:alert(1)")).toBeNull();
    expect(safeUrl("mailto:a@b.co", IMAGES)).toBeNull();
  });
});

describe("Markdown", () => {
  it("opens links elsewhere and tells them nothing", () => {
    show("[x](https://example.com)");
    const link = screen.getByRole("link", { name: "x" });
    expect(link.getAttribute("rel")).toContain("noopener noreferrer");
    expect(link.getAttribute("target")).toBe("_blank");
  });

  it("asks another server for a picture only after a click", () => {
    const root = show("![chart](https://example.com/a.png)");
    expect(root.querySelector("img")).toBeNull();
    fireEvent.click(screen.getByRole("button"));
    const image = root.querySelector("img");
    expect(image?.getAttribute("src")).toBe("https://example.com/a.png");
    expect(image?.getAttribute("referrerpolicy")).toBe("no-referrer");
  });

  it("shows character references as the characters they are", () => {
    expect(show("a &amp; b &lt;c&gt; &#128077; &nope;").textContent).toBe("a & b <c> 👍 &nope;");
  });

  it("writes tables, tasks and code", () => {
    const root = show("| a |\n|:-:|\n| 1 |\n\n- [x] done\n\n```js\nlet a;\n```");
    expect(root.querySelector("td")?.dataset.align).toBe("center");
    expect(root.querySelector("input")?.checked).toBe(true);
    expect(root.querySelector("input")?.ariaLabel).toBe("Done");
    expect(root.querySelector("pre")?.textContent).toBe("let a;");
  });

  it("survives 100,000 characters in one line", () => {
    expect(show("слово ".repeat(17_000), true).textContent?.length).toBeGreaterThan(100_000);
  });
});
