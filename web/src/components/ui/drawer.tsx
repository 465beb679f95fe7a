import type { ReactNode } from "react";
import { useNeeded, whenNeeded } from "@/components/ui/when-needed";

export interface DrawerProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  label: string;
  children: ReactNode;
}

const parts = whenNeeded(() => import("@/components/ui/drawer-parts"));

/** The sidebar of a phone: slides in from the start edge, over everything. */
export function Drawer(props: DrawerProps) {
  const loaded = useNeeded(parts, props.open);
  return loaded && <loaded.Drawer {...props} />;
}
