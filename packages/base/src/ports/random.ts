/**
 * Randomness. Forked by label, so that one consumer's draws never shift another's: the same seed and the same label
 * give the same stream however many draws the parent has made.
 *
 * Not for secrets: the real implementation seeds itself from the operating system, the simulated one from its seed.
 */
export interface Random {
  /** An integer in [0, 2^32). */
  uint32(): number;
  /** An integer in [0, limit); `limit` from 1 to 2^32. */
  below(limit: number): number;
  /** A number in [0, 1). */
  fraction(): number;
  /** An independent stream named by `label`. */
  fork(label: string): Random;
}
