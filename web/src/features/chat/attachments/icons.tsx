import type { SVGProps } from "react";
import type { FileInfo } from "@/client/types.gen";
import { ImageIcon, TextIcon } from "@/components/ui/icons";

export function FileIcon({ kind, ...props }: { kind: FileInfo["kind"] } & SVGProps<SVGSVGElement>) {
  if (kind === "image") return <ImageIcon {...props} />;
  return kind === "document" ? <PageIcon {...props} /> : <TextIcon {...props} />;
}

function PageIcon(props: SVGProps<SVGSVGElement>) {
  return (
    <svg
      width="1.15em"
      height="1.15em"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      {...props}
    >
      <path d="M14 3.5H7.5a2 2 0 0 0-2 2v13a2 2 0 0 0 2 2h9a2 2 0 0 0 2-2V8Z" />
      <path d="M14 3.5V8h4.5M9 13h6m-6 3.5h4" />
    </svg>
  );
}
