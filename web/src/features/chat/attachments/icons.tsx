import type { SVGProps } from "react";
import type { FileInfo } from "@/client/types.gen";
import { ImageIcon, icon, TextIcon } from "@/components/ui/icons";

export function FileIcon({ kind, ...props }: { kind: FileInfo["kind"] } & SVGProps<SVGSVGElement>) {
  if (kind === "image") return <ImageIcon {...props} />;
  return kind === "document" ? <PageIcon {...props} /> : <TextIcon {...props} />;
}

const PageIcon = icon(
  <>
    <path d="M14 3.5H7.5a2 2 0 0 0-2 2v13a2 2 0 0 0 2 2h9a2 2 0 0 0 2-2V8Z" />
    <path d="M14 3.5V8h4.5M9 13h6m-6 3.5h4" />
  </>,
);
