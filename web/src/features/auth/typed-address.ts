let address = "";

/** The address that was typed, carried from one of the sign-in pages to the next: nobody types it twice. */
export const typedAddress = {
  get: () => address,
  set: (next: string) => {
    address = next;
  },
};
