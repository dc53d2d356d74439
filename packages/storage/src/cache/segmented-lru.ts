/**
 * Segmented LRU (Karedla, Love and Wherry, 1994). A newcomer enters *probation*; a hit there promotes it to *protected*. What
 * protected holds beyond its share goes back to the front of probation. The tail of probation is evicted first, so one scan
 * of cold blocks passes through probation and leaves what was asked for twice where it is.
 *
 * Both segments are circular lists over slot numbers, in typed arrays: no object per block.
 */
import type { EvictionPolicy } from './cache-policy.ts';

/** Of the limit. */
const PROTECTED_SHARE = 0.8;

/** Nodes 0 and 1 are the two lists' ends; slot n is node n + 2. */
const PROBATION = 0;
const PROTECTED = 1;
const FIRST_NODE = 2;

export class SegmentedLru implements EvictionPolicy {
  /** Towards colder. */
  #next = new Uint32Array(FIRST_NODE);
  /** Towards hotter. */
  #previous = new Uint32Array(FIRST_NODE);
  #segment = new Uint8Array(FIRST_NODE);
  #bytes = new Uint32Array(FIRST_NODE);
  #protectedBytes = 0;
  #protectedLimit = 0;

  constructor() {
    this.#next[PROTECTED] = PROTECTED;
    this.#previous[PROTECTED] = PROTECTED;
  }

  get protectedBytes(): number {
    return this.#protectedBytes;
  }

  resize(limitBytes: number): void {
    this.#protectedLimit = Math.floor(limitBytes * PROTECTED_SHARE);
    this.#demoteOverflow();
  }

  growTo(slots: number): void {
    const nodes = slots + FIRST_NODE;
    const next = new Uint32Array(nodes);
    const previous = new Uint32Array(nodes);
    const segment = new Uint8Array(nodes);
    const bytes = new Uint32Array(nodes);
    next.set(this.#next);
    previous.set(this.#previous);
    segment.set(this.#segment);
    bytes.set(this.#bytes);
    this.#next = next;
    this.#previous = previous;
    this.#segment = segment;
    this.#bytes = bytes;
  }

  add(slot: number, bytes: number): void {
    const node = slot + FIRST_NODE;
    this.#bytes[node] = bytes;
    this.#putFirst(PROBATION, node);
  }

  hit(slot: number): void {
    const node = slot + FIRST_NODE;
    if (this.#previous[node] === PROTECTED && this.#segment[node] === PROTECTED) return;
    this.#unlink(node);
    this.#putFirst(PROTECTED, node);
    this.#demoteOverflow();
  }

  remove(slot: number): void {
    this.#unlink(slot + FIRST_NODE);
  }

  victim(): number {
    const coldest = this.#previous[PROBATION] as number;
    if (coldest !== PROBATION) return coldest - FIRST_NODE;
    const old = this.#previous[PROTECTED] as number;
    return old === PROTECTED ? -1 : old - FIRST_NODE;
  }

  #demoteOverflow(): void {
    while (this.#protectedBytes > this.#protectedLimit) {
      const coldest = this.#previous[PROTECTED] as number;
      this.#unlink(coldest);
      this.#putFirst(PROBATION, coldest);
    }
  }

  #putFirst(segment: number, node: number): void {
    const first = this.#next[segment] as number;
    this.#next[node] = first;
    this.#previous[node] = segment;
    this.#previous[first] = node;
    this.#next[segment] = node;
    this.#segment[node] = segment;
    if (segment === PROTECTED) this.#protectedBytes += this.#bytes[node] as number;
  }

  #unlink(node: number): void {
    const next = this.#next[node] as number;
    const previous = this.#previous[node] as number;
    this.#next[previous] = next;
    this.#previous[next] = previous;
    if (this.#segment[node] === PROTECTED) this.#protectedBytes -= this.#bytes[node] as number;
  }
}
