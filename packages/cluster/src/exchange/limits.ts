/**
 * Limits of the exchange. Those of messages are part of the protocol (`docs/protocols/exchange.md`): whoever sends beyond
 * them is refused.
 */
export const EXCHANGE_LIMITS = {
  /** Sessions of one node, both those that it opened and those that it answers. */
  sessions: 64,
  /** Hashes in one message: 16 KiB. */
  hashes: 2048,
  /** Keys in one page of a list, and leaves in it. */
  listEntries: 1024,
  listLeaves: 1024,
  /** Bytes of the keys behind one page of a list, which its sender keeps until it is answered. One key may exceed it. */
  listKeyBytes: 262_144,
  /** Records of one message, and their bytes with their keys. One record may exceed it. */
  pageRecords: 256,
  pageBytes: 65_536,
  /**
   * Records that were sent and are not acknowledged, which is also how many merges are outstanding at the receiver. One
   * record may exceed the bytes, and then goes alone.
   */
  windowRecords: 512,
  windowBytes: 262_144,
  /** 64 KiB for the client's key, and what the engine puts before it. */
  keyBytes: 65_792,
  recordBytes: 20_971_520,
  /** A session in which nothing happened for so long ends. */
  idleMs: 30_000,
} as const;
