import { useState } from "react";

let address = "";

/** The address that was typed, carried from one of the sign-in pages to the next: nobody types it twice. */
export function useTypedAddress() {
  const [email, setEmail] = useState(address);
  return [
    email,
    (next: string) => {
      address = next;
      setEmail(next);
    },
  ] as const;
}

/** Whoever has signed in is done with it. */
export function forgetTypedAddress() {
  address = "";
}
