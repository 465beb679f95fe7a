import { dismissToast, useToasts } from "@/lib/toasts";

/** Short notes at the foot of the page; they come and go without taking the focus. */
export function Toaster() {
  const toasts = useToasts();
  return (
    <div
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-0 z-60 flex flex-col items-center gap-2 px-4 pad-safe-b [--pad:9rem]"
    >
      {toasts.map((toast) =>
        toast.unseen ? (
          <p key={toast.id} className="sr-only">
            {toast.text}
          </p>
        ) : (
          <div
            key={toast.id}
            className="animate-rise pointer-events-auto flex max-w-[min(30rem,100%)] items-center gap-3 rounded-lg bg-text py-2 pr-2 pl-4 text-sm text-canvas shadow-float"
          >
            <span className="min-w-0 break-words py-1">{toast.text}</span>
            {toast.action && (
              <button
                type="button"
                className="h-8 shrink-0 rounded-sm px-2.5 font-medium underline underline-offset-3 hover:no-underline pointer-coarse:h-10"
                onClick={() => {
                  toast.action?.run();
                  dismissToast(toast.id);
                }}
              >
                {toast.action.label}
              </button>
            )}
          </div>
        ),
      )}
    </div>
  );
}
