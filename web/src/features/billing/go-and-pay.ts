import { useEffect } from "react";

/** Leaves for the payment page. */
export const goAndPay = (url: string) => window.location.assign(url);

/** Whoever presses "back" on the payment page gets this page as they left it, busy for ever; it is woken up. */
export function useWakeUp(wake: () => void) {
  useEffect(() => {
    const onShow = (event: PageTransitionEvent) => event.persisted && wake();
    window.addEventListener("pageshow", onShow);
    return () => window.removeEventListener("pageshow", onShow);
  }, [wake]);
}
