import { Dialog } from "@base-ui/react/dialog";
import type { DrawerProps } from "@/components/ui/drawer";

export function Drawer({ open, onOpenChange, label, children }: DrawerProps) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-overlay transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Dialog.Popup
          aria-label={label}
          className="fixed inset-y-0 left-0 z-40 flex w-[min(19.5rem,86vw)] flex-col bg-panel pad-safe-t pl-[env(safe-area-inset-left)] shadow-float outline-none transition-transform duration-220 ease-(--ease-out) data-ending-style:-translate-x-full data-starting-style:-translate-x-full"
        >
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
