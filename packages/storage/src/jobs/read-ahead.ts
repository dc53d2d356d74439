/**
 * Blocks for a job that walks whole tables: read from the disk in large pieces, in order, without a cache. A worker may
 * wait for the disk, so every block is there when it is asked for.
 */
import { DamageError } from '@torc/base/errors';
import type { Compressor } from '@torc/base/ports/compressor';
import type { Probe } from '@torc/base/ports/probe';
import { checkBlock, readBlockNow, type TypedHandle } from '../sstable/block-io.ts';
import type { BlockHandle, BlockOwner, BlockSource } from '../sstable/block-source.ts';
import { PIECE_BYTES, type PieceMemory } from '../sstable/piece-memory.ts';
import { BLOCK_DATA } from '../sstable/table-format.ts';
import type { Table } from '../sstable/table.ts';

/** Blocks of data up to this are decompressed into memory that is used again. */
const ROOM_BYTES = 64 * 1024;

const NO_BYTES = new Uint8Array(0);

export class ReadAhead implements BlockSource {
  readonly #table: Table;
  readonly #compressor: Compressor;
  readonly #skipsChecks: boolean;
  readonly #room = new Uint8Array(ROOM_BYTES);
  readonly #pieces: PieceMemory;
  #memory: Uint8Array | undefined;
  #window: Uint8Array = NO_BYTES;
  #windowAt = 0;
  #lastAt = -1;
  #last: Uint8Array | undefined;

  constructor(table: Table, compressor: Compressor, probe: Probe, pieces: PieceMemory) {
    this.#table = table;
    this.#pieces = pieces;
    this.#compressor = compressor;
    this.#skipsChecks = probe.planted('block-checksum-skipped');
  }

  peek(owner: BlockOwner, handle: BlockHandle): Uint8Array {
    // Filters and indexes come between blocks of data: they are asked for again and again, and lie elsewhere.
    if (this.#last !== undefined && this.#lastAt === handle.offset) return this.#last;
    const block = this.#skipsChecks ? this.#unchecked(owner, handle) : this.#read(owner, handle);
    this.#last = block;
    this.#lastAt = handle.offset;
    return block;
  }

  /** Gives its memory back: blocks that it gave out are no longer read. */
  release(): void {
    if (this.#memory !== undefined) this.#pieces.give(this.#memory);
    this.#memory = undefined;
    this.#window = NO_BYTES;
    this.#last = undefined;
    this.#lastAt = -1;
  }

  #read(owner: BlockOwner, handle: BlockHandle): Uint8Array {
    if (handle.storedBytes > PIECE_BYTES) return readBlockNow(this.#table.file, owner, handle, this.#compressor);
    if (handle.offset < this.#windowAt || handle.offset + handle.storedBytes > this.#windowAt + this.#window.length) {
      this.#refill(handle.offset);
    }
    const start = handle.offset - this.#windowAt;
    const end = Math.min(start + handle.storedBytes, this.#window.length);
    const isData = (handle as TypedHandle).type === BLOCK_DATA;
    const room = isData ? this.#room : undefined;
    const block = checkBlock(this.#window, start, end, owner, handle, this.#compressor, room);
    // Blocks of data are copied by whoever walks them, and may stand in memory that is used again; others are kept.
    return isData || block.buffer !== this.#window.buffer ? block : block.slice();
  }

  #refill(offset: number): void {
    const length = Math.max(0, Math.min(PIECE_BYTES, this.#table.file.sizeBytes() - offset));
    this.#memory ??= this.#pieces.take();
    const window = this.#memory.subarray(0, length);
    let read = 0;
    while (read < window.length) {
      const more = this.#table.file.readNow(window, read, window.length - read, offset + read);
      if (more === 0) break;
      read += more;
    }
    this.#window = window.subarray(0, read);
    this.#windowAt = offset;
  }

  /** The planted bug: what was read goes on, whatever its checksum says. */
  #unchecked(owner: BlockOwner, handle: BlockHandle): Uint8Array {
    try {
      return this.#read(owner, handle);
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      this.#refill(handle.offset);
      return this.#window.slice(0, Math.max(handle.storedBytes - 12, 0));
    }
  }
}
