/**
 * Who may come into a cache and who must leave it. The cache holds the blocks and counts the bytes; a policy knows blocks as
 * slots (small numbers, reused after `remove`) and as hashes, and decides.
 *
 * The two halves are apart so that TinyLFU can be put in front of the segmented LRU: its sketch counts `asked`, and its
 * `admits` compares the newcomer's count with that of the slot that would have to leave.
 */
export interface AdmissionPolicy {
  /** A look-up of the block with this hash, found or not. */
  asked(hash: number): void;
  /** Whether a newcomer is worth `victim`, the slot that leaves for it; -1 when nobody has to leave. */
  admits(hash: number, victim: number): boolean;
}

export interface EvictionPolicy {
  /** The cache's new limit; `bytes` of `add` are counted against it. */
  resize(limitBytes: number): void;
  /** Comes before the first use of a slot at or above the present number of slots. */
  growTo(slots: number): void;
  add(slot: number, bytes: number): void;
  hit(slot: number): void;
  /** The block has left: evicted, dropped with its table or replaced. */
  remove(slot: number): void;
  /** The slot to evict next, or -1 when none is held. The cache calls `remove` for it if it evicts it. */
  victim(): number;
}

/** Lets everybody in. */
export const ADMIT_ALL: AdmissionPolicy = {
  asked(): void {},
  admits(): boolean {
    return true;
  },
};
