/**
 * An open-addressing table of (hash, ref) pairs in one typed array: linear probing, at most 5/8 full, entries removed by
 * shifting back (Knuth 6.4 R), so that no grave marks are left. What a ref stands for is the caller's business.
 */
const FIRST_CAPACITY = 16;
const MAX_FILL = 0.625;

export class RefTable {
  /** Pairs: hash at 2i, ref at 2i + 1; ref 0 is an empty place. */
  #pairs = new Uint32Array(FIRST_CAPACITY * 2);
  #mask = FIRST_CAPACITY - 1;
  #count = 0;
  #changes = 0;

  /** Rises with every change of what the table holds: an order made before is stale then. */
  get changes(): number {
    return this.#changes;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#pairs.byteLength;
  }

  /** Where to begin looking for `hash`. Walk with `next` until `refAt` is 0. */
  first(hash: number): number {
    return hash & this.#mask;
  }

  next(at: number): number {
    return (at + 1) & this.#mask;
  }

  refAt(at: number): number {
    return this.#pairs[at * 2 + 1] as number;
  }

  hashAt(at: number): number {
    return this.#pairs[at * 2] as number;
  }

  replace(at: number, ref: number): void {
    this.#pairs[at * 2 + 1] = ref;
    this.#changes += 1;
  }

  /** Adds a pair that is known not to be there. */
  insert(hash: number, ref: number): void {
    if (this.#count + 1 > (this.#mask + 1) * MAX_FILL) this.#grow();
    this.#put(hash, ref);
    this.#count += 1;
    this.#changes += 1;
  }

  /** Empties a place and moves later pairs of the same run back, so that every walk still finds them. */
  remove(place: number): void {
    const pairs = this.#pairs;
    let hole = place;
    let at = place;
    for (;;) {
      at = this.next(at);
      if ((pairs[at * 2 + 1] as number) === 0) break;
      const home = (pairs[at * 2] as number) & this.#mask;
      // The pair may move back only if its home does not lie between the hole and where it stands.
      if (((at - home) & this.#mask) >= ((at - hole) & this.#mask)) {
        pairs[hole * 2] = pairs[at * 2] as number;
        pairs[hole * 2 + 1] = pairs[at * 2 + 1] as number;
        hole = at;
      }
    }
    pairs[hole * 2] = 0;
    pairs[hole * 2 + 1] = 0;
    this.#count -= 1;
    this.#changes += 1;
  }

  /** Every ref, in no order. */
  refs(): Uint32Array {
    const refs = new Uint32Array(this.#count);
    let found = 0;
    for (let at = 1; at < this.#pairs.length; at += 2) {
      const ref = this.#pairs[at] as number;
      if (ref === 0) continue;
      refs[found] = ref;
      found += 1;
    }
    return refs;
  }

  #put(hash: number, ref: number): void {
    let at = this.first(hash);
    while (this.refAt(at) !== 0) at = this.next(at);
    this.#pairs[at * 2] = hash;
    this.#pairs[at * 2 + 1] = ref;
  }

  #grow(): void {
    const old = this.#pairs;
    this.#pairs = new Uint32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let at = 0; at < old.length; at += 2) {
      const ref = old[at + 1] as number;
      if (ref !== 0) this.#put(old[at] as number, ref);
    }
  }
}
