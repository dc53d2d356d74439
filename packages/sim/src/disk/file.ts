/**
 * An open file of a simulated disk. It belongs to one incarnation and dies with it.
 *
 * 1. A buffer is read or filled while the call takes effect, and not touched afterwards. A `…Later` call takes effect
 *    when its time comes: whoever changes the buffer before that writes what he changed.
 * 2. A write is cut to what fits, then to what a fault leaves of it; nothing fits: `full`.
 */
import { assert } from '@torc/base/assert';
import { DiskError } from '@torc/base/errors';
import type { DiskFile } from '@torc/base/ports/disk';
import type { SimRandom } from '../random.ts';
import type { SimDisk } from './disk.ts';
import type { SyncFailure } from './faults.ts';
import type { Inode, SyncTicket } from './inode.ts';
import { SECTORS_PER_PAGE } from './pages.ts';
import type { Volume } from './volume.ts';

export class SimDiskFile implements DiskFile {
  readonly path: string;
  readonly #disk: SimDisk;
  readonly #volume: Volume;
  readonly #inode: Inode;
  #closed = false;

  constructor(disk: SimDisk, volume: Volume, inode: Inode, path: string) {
    this.#disk = disk;
    this.#volume = volume;
    this.#inode = inode;
    this.path = path;
  }

  sizeBytes(): number {
    this.#needOpen();
    this.#disk.ask('size', this.path);
    return this.#inode.sizeBytes;
  }

  readNow(into: Uint8Array, start: number, length: number, position: number): number {
    this.#needRange(into, start, length, position, 0);
    this.#disk.ask('read', this.path);
    return this.#inode.read(into, start, length, position);
  }

  readLater(into: Uint8Array, start: number, length: number, position: number): Promise<number> {
    this.#needRange(into, start, length, position, 0);
    return this.#disk.later(() => {
      this.#disk.ask('read', this.path, false);
      return this.#inode.read(into, start, length, position);
    });
  }

  writeNow(from: Uint8Array, start: number, length: number, position: number): number {
    this.#needRange(from, start, length, position, 1);
    return this.#write(from, start, length, position, true);
  }

  writeLater(from: Uint8Array, start: number, length: number, position: number): Promise<number> {
    this.#needRange(from, start, length, position, 1);
    return this.#disk.later(() => this.#write(from, start, length, position, false));
  }

  syncNow(): void {
    this.#needOpen();
    this.#sync(undefined, true);
  }

  syncLater(): Promise<void> {
    this.#needOpen();
    // Half of the time it brings no more than it must: what was written before it began.
    const ticket = this.#disk.faults.random.chance(0.5) ? this.#inode.beginSync() : undefined;
    return this.#disk.later(() => this.#sync(ticket, false));
  }

  truncate(sizeBytes: number): void {
    this.#needOpen();
    assert(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0, `${this.path}: truncate to a whole size`);
    this.#disk.change({ kind: 'truncate', path: this.path, position: sizeBytes, length: 0 }, true, {
      whole: () => {
        const growth = sizeBytes - this.#inode.sizeBytes;
        if (this.#inode.linked && growth > 0 && growth > this.#disk.freeBytes()) {
          throw new DiskError('full', this.path, 'no space left');
        }
        this.#resizing(() => this.#inode.truncate(sizeBytes));
      },
    });
  }

  close(): void {
    this.#closed = true;
  }

  #write(from: Uint8Array, start: number, length: number, position: number, now: boolean): number {
    const put = (bytes: number): void => {
      this.#resizing(() => this.#inode.write(from, start, bytes, position, this.#disk.operations));
    };
    return this.#disk.change({ kind: 'write', path: this.path, position, length }, now, {
      whole: () => {
        const fits = this.#disk.room(this.#inode, position, length);
        if (fits <= 0) throw new DiskError('full', this.path, 'no space left');
        const written = this.#disk.faults.writeLength(fits);
        put(written);
        this.#writeBackOne();
        return written;
      },
      partly: (random) => {
        const fits = Math.min(random.below(length), this.#disk.room(this.#inode, position, length));
        if (fits > 0) put(fits);
      },
    });
  }

  #sync(ticket: SyncTicket | undefined, now: boolean): void {
    this.#disk.change({ kind: 'sync', path: this.path, position: 0, length: 0 }, now, {
      whole: () => {
        if (ticket === undefined) this.#inode.sync();
        else this.#inode.endSync(ticket);
      },
      partly: (random) => persistSome(this.#inode, random),
      syncFails: (how) => failSync(this.#inode, how, this.#disk.faults.random),
    });
  }

  /** Keeps the count of used bytes true. */
  #resizing(change: () => void): void {
    const before = this.#inode.sizeBytes;
    change();
    if (this.#inode.linked) this.#volume.usedBytes += this.#inode.sizeBytes - before;
  }

  #writeBackOne(): void {
    const { faults } = this.#disk;
    if (!faults.random.chance(faults.rates.writeBack) || this.#inode.isSyncing()) return;
    const entries = [...this.#inode.unsynced.entries()];
    const [page] = faults.random.pick(entries);
    this.#inode.writeBack(page, 1 << faults.random.below(SECTORS_PER_PAGE));
  }

  #needOpen(): void {
    assert(!this.#closed, `${this.path}: used after close`);
  }

  #needRange(buffer: Uint8Array, start: number, length: number, position: number, least: number): void {
    this.#needOpen();
    assert(
      start >= 0 &&
        length >= least &&
        start + length <= buffer.length &&
        Number.isSafeInteger(position) &&
        position >= 0,
      `${this.path}: not a range: ${start}+${length} of ${buffer.length} at ${position}`,
    );
  }
}

/** A sync that did not get to its end: some sectors made it, and perhaps the length. */
function persistSome(inode: Inode, random: SimRandom): void {
  for (const [page, mask] of inode.unsynced.copy().entries()) inode.writeBack(page, mask & random.uint32());
  if (random.chance(0.5)) inode.durableSize = inode.sizeBytes;
}

function failSync(inode: Inode, how: SyncFailure, random: SimRandom): void {
  if (random.chance(0.5) && !inode.isSyncing()) persistSome(inode, random);
  if (how === 'dirty') return;
  inode.forgetUnsynced();
  if (how === 'dropped') inode.dropForgotten();
}
