/** Limits of the topology document, and what its names are made of. They are part of the format. */
export const LIMITS = {
  members: 4096,
  voters: 5,
  classes: 64,
  /** Seats that a class may ask for. One partition may hold one more while a seat is added before another goes. */
  copies: 15,
  seats: 16,
  /** Buckets from 0xff00 on belong to the store (`docs/formats/position.md`). */
  bucketNumber: 0xfeff,
  nameBytes: 64,
  weight: 65535,
  actor: 0xfffffffe,
  placementNumber: 0xffffffff,
} as const;

/** Printable ASCII without spaces. */
export function isName(text: string): boolean {
  return text.length <= LIMITS.nameBytes && /^[!-~]+$/.test(text);
}
