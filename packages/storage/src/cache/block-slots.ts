/**
 * The blocks that a cache holds, in slots: which table and offset each belongs to, and for every table the list of its slots,
 * so that dropping a table touches nothing else. Typed arrays; the only object per block is the block.
 */
const NONE = -1;
const FIRST_SLOTS = 64;

export class BlockSlots {
  readonly #blocks: (Uint8Array | undefined)[] = [];
  #tableNumbers = new Uint32Array(0);
  /** Float64: an offset may pass 2^32. */
  #offsets = new Float64Array(0);
  /** The slots of one table, both ways. A free slot's `next` is the next free one. */
  #next = new Int32Array(0);
  #previous = new Int32Array(0);
  readonly #firstOfTable = new Map<number, number>();
  #firstFree = NONE;

  /** Slots there are, free ones included. */
  get capacity(): number {
    return this.#next.length;
  }

  get isFull(): boolean {
    return this.#firstFree === NONE;
  }

  grow(): void {
    const old = this.capacity;
    const slots = Math.max(FIRST_SLOTS, old * 2);
    const tableNumbers = new Uint32Array(slots);
    const offsets = new Float64Array(slots);
    const next = new Int32Array(slots);
    const previous = new Int32Array(slots);
    tableNumbers.set(this.#tableNumbers);
    offsets.set(this.#offsets);
    next.set(this.#next);
    previous.set(this.#previous);
    for (let slot = old; slot < slots; slot += 1) next[slot] = slot + 1 < slots ? slot + 1 : this.#firstFree;
    for (let slot = old; slot < slots; slot += 1) this.#blocks.push(undefined);
    this.#tableNumbers = tableNumbers;
    this.#offsets = offsets;
    this.#next = next;
    this.#previous = previous;
    this.#firstFree = old;
  }

  /** The slot that the block now has. There is a free one. */
  add(tableNumber: number, offset: number, block: Uint8Array): number {
    const slot = this.#firstFree;
    this.#firstFree = this.#next[slot] as number;
    this.#tableNumbers[slot] = tableNumber;
    this.#offsets[slot] = offset;
    this.#blocks[slot] = block;
    const first = this.#firstOfTable.get(tableNumber) ?? NONE;
    this.#next[slot] = first;
    this.#previous[slot] = NONE;
    if (first !== NONE) this.#previous[first] = slot;
    this.#firstOfTable.set(tableNumber, slot);
    return slot;
  }

  remove(slot: number): void {
    const next = this.#next[slot] as number;
    const previous = this.#previous[slot] as number;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous !== NONE) this.#next[previous] = next;
    else if (next !== NONE) this.#firstOfTable.set(this.tableNumberOf(slot), next);
    else this.#firstOfTable.delete(this.tableNumberOf(slot));
    this.#blocks[slot] = undefined;
    this.#next[slot] = this.#firstFree;
    this.#firstFree = slot;
  }

  holds(slot: number, tableNumber: number, offset: number): boolean {
    return this.#offsets[slot] === offset && this.#tableNumbers[slot] === tableNumber;
  }

  blockAt(slot: number): Uint8Array {
    return this.#blocks[slot] as Uint8Array;
  }

  tableNumberOf(slot: number): number {
    return this.#tableNumbers[slot] as number;
  }

  offsetOf(slot: number): number {
    return this.#offsets[slot] as number;
  }

  /** Some slot of the table, or -1. */
  firstOf(tableNumber: number): number {
    return this.#firstOfTable.get(tableNumber) ?? NONE;
  }
}
