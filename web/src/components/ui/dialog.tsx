import type { ReactNode } from "react";
import { useNeeded, whenNeeded } from "@/components/ui/when-needed";

export interface DialogProps {
  onClose: () => void;
  title: string;
  description?: string;
  children: ReactNode;
}

const parts = whenNeeded(() => import("@/components/ui/dialog-parts"));

/** Open as long as it is there. */
export function Dialog(props: DialogProps) {
  const loaded = useNeeded(parts, true);
  return loaded && <loaded.Dialog {...props} />;
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-5 flex flex-wrap justify-end gap-2">{children}</div>;
}
