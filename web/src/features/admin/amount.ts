/** Roubles as people write them ("1 290,50"), to the kopeck; null for what is no amount. */
export function parseAmount(text: string): number | null {
  const plain = text.replace(/[\s\u00a0\u202f₽]/g, "").replace(",", ".");
  if (!/^\d{1,9}(\.\d{1,2})?$/.test(plain)) return null;
  return Number(plain);
}

/** A whole number of at least `least`; null for anything else. */
export function parseWhole(text: string, least = 0): number | null {
  const plain = text.replace(/[\s\u00a0\u202f]/g, "");
  if (!/^\d{1,9}$/.test(plain)) return null;
  return Number(plain) >= least ? Number(plain) : null;
}
