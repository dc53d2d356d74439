/**
 * The bytes of one file, in pages that are copied when they are written and not before.
 *
 * 1. A page that two images share is never written in place: `share` marks it, and a marked page is copied first.
 *    That makes a sync, a snapshot and a restart cost a reference per page and not the bytes.
 * 2. A page that is missing is all zeros. Bytes at and past the size of the file that owns these pages may be anything
 *    in a durable image; the file's size decides what can be read.
 *
 * What may go wrong: a page handed out by `page` must not be written by whoever got it.
 */
export const PAGE_BYTES = 4096;
export const SECTOR_BYTES = 512;
export const SECTORS_PER_PAGE: number = PAGE_BYTES / SECTOR_BYTES;
/** Every sector of a page. */
export const ALL_SECTORS = 0xff;

export class Pages {
  readonly #pages: (Uint8Array | undefined)[] = [];
  /** 1 for a page that another image may hold too. */
  readonly #shared: boolean[] = [];

  count(): number {
    return this.#pages.length;
  }

  page(index: number): Uint8Array | undefined {
    return this.#pages[index];
  }

  /** Gives the page away to another image: from now on it is copied before it is written. */
  share(index: number): Uint8Array | undefined {
    if (index < this.#shared.length) this.#shared[index] = true;
    return this.#pages[index];
  }

  /** Takes a page that another image shares. */
  adopt(index: number, page: Uint8Array | undefined): void {
    // No holes in the arrays: they would turn into slow dictionaries.
    while (this.#pages.length < index) {
      this.#pages.push(undefined);
      this.#shared.push(false);
    }
    this.#pages[index] = page;
    this.#shared[index] = true;
  }

  clone(): Pages {
    const copy = new Pages();
    for (let index = 0; index < this.#pages.length; index++) copy.adopt(index, this.share(index));
    return copy;
  }

  /** A page that may be written in place. */
  writable(index: number): Uint8Array {
    let page = this.#pages[index];
    if (page === undefined) {
      page = new Uint8Array(PAGE_BYTES);
    } else if (this.#shared[index] === true) {
      page = page.slice();
    } else {
      return page;
    }
    this.adopt(index, page);
    this.#shared[index] = false;
    return page;
  }

  read(into: Uint8Array, start: number, length: number, position: number): void {
    let done = 0;
    while (done < length) {
      const at = position + done;
      const index = Math.floor(at / PAGE_BYTES);
      const within = at % PAGE_BYTES;
      const step = Math.min(length - done, PAGE_BYTES - within);
      const page = this.#pages[index];
      const target = start + done;
      if (page === undefined) into.fill(0, target, target + step);
      else into.set(page.subarray(within, within + step), target);
      done += step;
    }
  }

  write(from: Uint8Array, start: number, length: number, position: number): void {
    let done = 0;
    while (done < length) {
      const at = position + done;
      const index = Math.floor(at / PAGE_BYTES);
      const within = at % PAGE_BYTES;
      const step = Math.min(length - done, PAGE_BYTES - within);
      this.writable(index).set(from.subarray(start + done, start + done + step), within);
      done += step;
    }
  }

  /** Everything at and past `sizeBytes` becomes zeros. */
  cut(sizeBytes: number): void {
    const whole = Math.ceil(sizeBytes / PAGE_BYTES);
    if (this.#pages.length > whole) {
      this.#pages.length = whole;
      this.#shared.length = whole;
    }
    const within = sizeBytes % PAGE_BYTES;
    const last = whole - 1;
    if (within > 0 && this.#pages[last] !== undefined) this.writable(last).fill(0, within);
  }

  /** Copies the sectors of `mask` from a page of another image. */
  copySectors(index: number, mask: number, from: Uint8Array | undefined): void {
    if (mask === 0) return;
    const page = this.writable(index);
    for (let sector = 0; sector < SECTORS_PER_PAGE; sector++) {
      if ((mask & (1 << sector)) === 0) continue;
      const at = sector * SECTOR_BYTES;
      if (from === undefined) page.fill(0, at, at + SECTOR_BYTES);
      else page.set(from.subarray(at, at + SECTOR_BYTES), at);
    }
  }
}
