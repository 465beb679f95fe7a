import type { ReactNode } from "react";
import { useNeeded, whenNeeded } from "@/components/ui/when-needed";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string;
  children: ReactNode;
}

const parts = whenNeeded(() => import("@/components/ui/dialog-parts"));

export function Dialog(props: DialogProps) {
  const loaded = useNeeded(parts, props.open);
  return loaded && <loaded.Dialog {...props} />;
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-5 flex flex-wrap justify-end gap-2">{children}</div>;
}
