/**
 * A set of sectors of one file: a bit mask per page. Iterated in the order in which pages came in, which is the same
 * in every run.
 */
import { PAGE_BYTES, SECTOR_BYTES } from './pages.ts';

export class SectorSet {
  readonly #masks: Map<number, number> = new Map();

  isEmpty(): boolean {
    return this.#masks.size === 0;
  }

  mask(page: number): number {
    return this.#masks.get(page) ?? 0;
  }

  entries(): IterableIterator<[page: number, mask: number]> {
    return this.#masks.entries();
  }

  count(): number {
    let count = 0;
    for (const mask of this.#masks.values()) {
      for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
    }
    return count;
  }

  setMask(page: number, mask: number): void {
    if (mask === 0) this.#masks.delete(page);
    else this.#masks.set(page, mask);
  }

  add(page: number, mask: number): void {
    this.setMask(page, this.mask(page) | mask);
  }

  remove(page: number, mask: number): void {
    this.setMask(page, this.mask(page) & ~mask);
  }

  /** Adds every sector that the byte range touches. */
  addRange(position: number, length: number): void {
    this.#forRange(position, length, (page, mask) => {
      this.add(page, mask);
    });
  }

  removeRange(position: number, length: number): void {
    this.#forRange(position, length, (page, mask) => {
      this.remove(page, mask);
    });
  }

  clear(): void {
    this.#masks.clear();
  }

  copy(): SectorSet {
    const copy = new SectorSet();
    for (const [page, mask] of this.#masks) copy.setMask(page, mask);
    return copy;
  }

  #forRange(position: number, length: number, visit: (page: number, mask: number) => void): void {
    if (length <= 0) return;
    const end = position + length;
    for (let page = Math.floor(position / PAGE_BYTES); page * PAGE_BYTES < end; page++) {
      const base = page * PAGE_BYTES;
      const first = Math.max(0, Math.floor((position - base) / SECTOR_BYTES));
      const last = Math.min(PAGE_BYTES / SECTOR_BYTES, Math.ceil((end - base) / SECTOR_BYTES));
      visit(page, ((1 << last) - 1) & ~((1 << first) - 1));
    }
  }
}
