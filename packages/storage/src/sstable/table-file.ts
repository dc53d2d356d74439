/** A table's file while it is written: bytes are gathered and go out in large pieces. Synchronous: it runs in a worker. */
import { copyBytes } from '@torc/base/bytes';
import type { Codec, Compressor } from '@torc/base/ports/compressor';
import type { Disk, DiskFile } from '@torc/base/ports/disk';
import type { BlockHandle } from './block-source.ts';
import { WRITE_PIECE_BYTES } from './limits.ts';
import { PIECE_BYTES, type PieceMemory } from './piece-memory.ts';
import {
  BLOCK_TRAILER_BYTES,
  encodeTableFooter,
  encodeTableHeader,
  placedSeed,
  sealBlock,
  TABLE_FOOTER_BYTES,
  TABLE_HEADER_BYTES,
  type TableFileId,
} from './table-format.ts';

/** Synced in pieces on the way, so that the log's syncs do not stand behind a whole table's. */
const SYNC_BYTES = 4 * 1024 * 1024;

const NO_BYTES = new Uint8Array(0);

export class TableFile {
  readonly #file: DiskFile;
  readonly #seed: number;
  readonly #pieces: PieceMemory;
  /** A piece, or larger for one large block; nothing once the file is closed. */
  #buffer: Uint8Array;
  #used = 0;
  #writtenBytes = 0;
  #syncedBytes = 0;

  /** Creates the file, with its header still in memory. */
  constructor(disk: Disk, path: string, id: TableFileId, pieces: PieceMemory) {
    this.#file = disk.create(path);
    this.#pieces = pieces;
    this.#buffer = pieces.take();
    this.#seed = encodeTableHeader(id, this.#buffer);
    this.#used = TABLE_HEADER_BYTES;
  }

  /** Where the next block goes: all that was appended, written or not. */
  get endBytes(): number {
    return this.#writtenBytes + this.#used;
  }

  /** Appends a block. With a codec it is stored as it is unless it loses an eighth. */
  appendBlock(type: number, payload: Uint8Array, codec: Codec, compressor: Compressor): BlockHandle {
    let stored = payload;
    let used: Codec = 0;
    if (codec !== 0) {
      const packed = compressor.compress(codec, payload);
      if (packed.length <= payload.length - payload.length / 8) {
        stored = packed;
        used = codec;
      }
    }
    const handle = { offset: this.endBytes, storedBytes: stored.length + BLOCK_TRAILER_BYTES };
    const at = this.#reserve(handle.storedBytes);
    copyBytes(stored, 0, stored.length, this.#buffer, at);
    const trailer = { codec: used, type, rawBytes: payload.length };
    sealBlock(this.#buffer, at, at + stored.length, trailer, placedSeed(this.#seed, handle.offset));
    this.#used += handle.storedBytes;
    if (this.#used >= WRITE_PIECE_BYTES) this.#write();
    return handle;
  }

  /** Ends the file with its footer and makes its bytes durable. */
  finish(topIndex: BlockHandle, properties: BlockHandle): void {
    const at = this.#reserve(TABLE_FOOTER_BYTES);
    const fileBytes = this.endBytes + TABLE_FOOTER_BYTES;
    encodeTableFooter({ topIndex, properties, fileBytes }, this.#seed, this.#buffer, at);
    this.#used += TABLE_FOOTER_BYTES;
    this.#write();
    this.#file.syncNow();
    this.close();
  }

  close(): void {
    this.#file.close();
    this.#setBuffer(NO_BYTES);
  }

  /** Room for so many bytes behind what the buffer holds; returns where. */
  #reserve(length: number): number {
    if (this.#used + length <= this.#buffer.length) return this.#used;
    this.#write();
    if (length > this.#buffer.length) this.#setBuffer(new Uint8Array(length));
    return this.#used;
  }

  #write(): void {
    let at = 0;
    while (at < this.#used) at += this.#file.writeNow(this.#buffer, at, this.#used - at, this.#writtenBytes + at);
    this.#writtenBytes += this.#used;
    this.#used = 0;
    if (this.#writtenBytes - this.#syncedBytes >= SYNC_BYTES) {
      this.#file.syncNow();
      this.#syncedBytes = this.#writtenBytes;
    }
    // It grew for one large block.
    if (this.#buffer.length > PIECE_BYTES) this.#setBuffer(this.#pieces.take());
  }

  #setBuffer(buffer: Uint8Array): void {
    if (this.#buffer.length === PIECE_BYTES) this.#pieces.give(this.#buffer);
    this.#buffer = buffer;
  }
}
