/**
 * One file: what the running process sees (`bytes`, `sizeBytes`) and what a crash cannot take (`durable`, `durableSize`).
 *
 * 1. A sector in neither `unsynced` nor `forgotten` is the same in both images.
 * 2. Bytes at and past `sizeBytes` are zeros in the visible image, so a file that grows shows zeros. The durable image
 *    may hold anything there; whoever makes a new file out of it cuts it.
 * 3. `sizes` are the lengths the file has had since its last sync, the present one last: a crash may leave any of them.
 * 4. A sync makes durable what was written before it began. What is written while it is under way may or may not be.
 *
 * `forgotten` sectors are those of a failed sync: visible, but marked clean, so that no later sync writes them
 * (PostgreSQL's "fsyncgate"): they are lost in every crash, however many syncs have succeeded since.
 */
import { Pages } from './pages.ts';
import { SectorSet } from './sector-set.ts';

/** The last write, so that it can be taken back from any byte on. */
export interface LastWrite {
  readonly order: number;
  readonly position: number;
  readonly length: number;
  /** What stood there, as far as the file reached. */
  readonly before: Uint8Array;
  readonly sizeBefore: number;
}

/** A sync under way: what it promised when it began. */
export interface SyncTicket {
  readonly frozen: readonly FrozenPage[];
  readonly sizeBytes: number;
  readonly sizesSeen: number;
  readonly lastWrite: LastWrite | undefined;
  /** Written since it began. */
  readonly since: SectorSet;
  done: boolean;
}

interface FrozenPage {
  readonly index: number;
  readonly mask: number;
  readonly bytes: Uint8Array | undefined;
}

const MAX_SIZES = 64;

export class Inode {
  readonly bytes: Pages;
  readonly durable: Pages;
  readonly unsynced: SectorSet = new SectorSet();
  readonly forgotten: SectorSet = new SectorSet();
  sizeBytes: number;
  durableSize: number;
  sizes: number[] = [];
  lastWrite: LastWrite | undefined;
  /** How many visible names lead here. Without any, its bytes no longer count against the capacity. */
  links = 1;
  #tickets: SyncTicket[] = [];

  /** A file whose whole content is durable, or a new and empty one. */
  constructor(durable: Pages = new Pages(), sizeBytes: number = 0) {
    this.durable = durable;
    this.bytes = durable.clone();
    this.bytes.cut(sizeBytes);
    this.sizeBytes = sizeBytes;
    this.durableSize = sizeBytes;
  }

  get linked(): boolean {
    return this.links > 0;
  }

  read(into: Uint8Array, start: number, length: number, position: number): number {
    const reach = Math.max(0, Math.min(length, this.sizeBytes - position));
    this.bytes.read(into, start, reach, position);
    return reach;
  }

  write(from: Uint8Array, start: number, length: number, position: number, order: number): void {
    const before = new Uint8Array(Math.max(0, Math.min(length, this.sizeBytes - position)));
    this.bytes.read(before, 0, before.length, position);
    this.lastWrite = { order, position, length, before, sizeBefore: this.sizeBytes };
    this.bytes.write(from, start, length, position);
    this.#touch(position, length);
    if (position + length > this.sizeBytes) this.#resize(position + length);
  }

  truncate(sizeBytes: number): void {
    if (sizeBytes < this.sizeBytes) {
      this.bytes.cut(sizeBytes);
      this.#touch(sizeBytes, this.sizeBytes - sizeBytes);
    }
    this.lastWrite = undefined;
    if (sizeBytes !== this.sizeBytes) this.#resize(sizeBytes);
  }

  /** Everything visible becomes durable, forgotten sectors excepted. */
  sync(): void {
    for (const [page, mask] of this.unsynced.entries()) this.#persist(page, mask);
    this.unsynced.clear();
    this.durableSize = this.sizeBytes;
    this.sizes = [];
    this.lastWrite = undefined;
    for (const ticket of this.#tickets) ticket.done = true;
    this.#tickets = [];
  }

  /** Begins a sync that ends later: only what is there now is promised. */
  beginSync(): SyncTicket {
    const frozen: FrozenPage[] = [];
    for (const [index, mask] of this.unsynced.entries()) frozen.push({ index, mask, bytes: this.bytes.share(index) });
    const { sizeBytes, lastWrite } = this;
    const sizesSeen = this.sizes.length;
    const ticket = { frozen, sizeBytes, sizesSeen, lastWrite, since: new SectorSet(), done: false };
    this.#tickets.push(ticket);
    return ticket;
  }

  /** Ends a sync with exactly what it promised, and with it all that began before it. */
  endSync(ticket: SyncTicket): void {
    if (ticket.done) return;
    for (const { index, mask, bytes } of ticket.frozen) {
      this.durable.copySectors(index, mask, bytes);
      this.unsynced.remove(index, mask & ~ticket.since.mask(index));
    }
    this.durableSize = ticket.sizeBytes;
    this.sizes = this.sizes.slice(ticket.sizesSeen);
    if (this.lastWrite === ticket.lastWrite) this.lastWrite = undefined;
    const place = this.#tickets.indexOf(ticket);
    for (const older of this.#tickets.splice(0, place + 1)) older.done = true;
    for (const younger of this.#tickets) rebase(younger, ticket.sizesSeen);
  }

  /** Whether a sync has begun that holds older bytes of some sectors than are visible now. */
  isSyncing(): boolean {
    return this.#tickets.length > 0;
  }

  /** These sectors reach the platter now, sync or not. Not for a file that `isSyncing` and lives on. */
  writeBack(page: number, mask: number): void {
    this.#persist(page, mask & this.unsynced.mask(page));
    this.unsynced.remove(page, mask);
  }

  /** The failed sync: marks what it should have written as clean. */
  forgetUnsynced(): void {
    for (const [page, mask] of this.unsynced.entries()) this.forgotten.add(page, mask);
    this.unsynced.clear();
    this.lastWrite = undefined;
    for (const ticket of this.#tickets) ticket.done = true;
    this.#tickets = [];
  }

  /** The page cache drops the forgotten sectors: the process sees the old bytes again. */
  dropForgotten(): void {
    for (const [page, mask] of this.forgotten.entries()) this.bytes.copySectors(page, mask, this.durable.page(page));
    this.forgotten.clear();
    const { sizeBytes } = this;
    this.bytes.cut(sizeBytes);
  }

  #persist(page: number, mask: number): void {
    if (mask === 0) return;
    // The whole page may be shared when its other sectors agree already (invariant 1).
    const agrees = this.forgotten.mask(page) === 0 && (this.unsynced.mask(page) & ~mask) === 0;
    if (agrees) this.durable.adopt(page, this.bytes.share(page));
    else this.durable.copySectors(page, mask, this.bytes.page(page));
  }

  #touch(position: number, length: number): void {
    this.unsynced.addRange(position, length);
    this.forgotten.removeRange(position, length);
    for (const ticket of this.#tickets) ticket.since.addRange(position, length);
  }

  #resize(sizeBytes: number): void {
    this.sizeBytes = sizeBytes;
    this.sizes.push(sizeBytes);
    // Bounded; the oldest lengths between two syncs are the least interesting. Tickets count from the front.
    if (this.sizes.length > MAX_SIZES && this.#tickets.length === 0) this.sizes.splice(0, MAX_SIZES / 2);
  }
}

function rebase(ticket: SyncTicket, dropped: number): void {
  (ticket as { sizesSeen: number }).sizesSeen -= dropped;
}
