/** How files in a language usually end, where it is not the language's own name. */
const ENDINGS: Record<string, string> = {
  bash: "sh",
  "c#": "cs",
  "c++": "cpp",
  csharp: "cs",
  dockerfile: "dockerfile",
  golang: "go",
  javascript: "js",
  kotlin: "kt",
  latex: "tex",
  markdown: "md",
  perl: "pl",
  plaintext: "txt",
  powershell: "ps1",
  python: "py",
  ruby: "rb",
  rust: "rs",
  shell: "sh",
  text: "txt",
  typescript: "ts",
  yaml: "yml",
};

/** A name for code saved as a file. */
export function fileName(language: string): string {
  const name = language.toLowerCase();
  const ending = ENDINGS[name] ?? (/^[a-z0-9]{1,8}$/.test(name) ? name : "txt");
  return `code.${ending}`;
}
