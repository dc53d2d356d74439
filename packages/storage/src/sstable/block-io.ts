/**
 * Blocks from the file: exactly the stored bytes are read, checked, decompressed. Whatever is wrong with them, a short read
 * included, is a `DamageError` with the block's offset. Errors of the disk itself pass through.
 *
 * What comes out is an array that nobody else writes to; of a block that is stored as it is, the bytes that were read.
 */
import { CompressorError, DamageError } from '@torc/base/errors';
import type { Codec, Compressor } from '@torc/base/ports/compressor';
import type { DiskFile } from '@torc/base/ports/disk';
import type { BlockHandle, BlockOwner } from './block-source.ts';
import { MAX_RAW_BLOCK_BYTES } from './limits.ts';
import { BLOCK_TRAILER_BYTES, decodeTrailer, placedSeed } from './table-format.ts';

/** Blocks up to this are read into reused room. */
const ROOM_BYTES = 64 * 1024;

/** Handles that tables give out also say what must stand there. */
export interface TypedHandle extends BlockHandle {
  readonly type?: number;
}

export function readBlockNow(
  file: DiskFile,
  owner: BlockOwner,
  handle: TypedHandle,
  compressor: Compressor,
): Uint8Array {
  const bytes = roomFor(owner, handle);
  const read = file.readNow(bytes, 0, bytes.length, handle.offset);
  return checkBlock(bytes, 0, read, owner, handle, compressor);
}

/** Room for reading blocks again and again: what comes out stands in it until the next read. */
export class BlockRoom {
  readonly stored: Uint8Array = new Uint8Array(ROOM_BYTES);
  readonly raw: Uint8Array = new Uint8Array(ROOM_BYTES);
}

/** As `readBlockNow`, into reused room where the block fits: copy out what has to last. */
export function readBlockInto(
  room: BlockRoom,
  file: DiskFile,
  owner: BlockOwner,
  handle: TypedHandle,
  compressor: Compressor,
): Uint8Array {
  if (handle.storedBytes > ROOM_BYTES) return readBlockNow(file, owner, handle, compressor);
  const read = file.readNow(room.stored, 0, handle.storedBytes, handle.offset);
  return checkBlock(room.stored, 0, read, owner, handle, compressor, room.raw);
}

export async function readBlockLater(
  file: DiskFile,
  owner: BlockOwner,
  handle: TypedHandle,
  compressor: Compressor,
): Promise<Uint8Array> {
  const bytes = roomFor(owner, handle);
  const read = await file.readLater(bytes, 0, bytes.length, handle.offset);
  return checkBlock(bytes, 0, read, owner, handle, compressor);
}

/** For those who read ahead: the block whose stored bytes are `[start, end)`. It may come out as a view of `bytes`. */
export function checkBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
  owner: BlockOwner,
  handle: TypedHandle,
  compressor: Compressor,
  room?: Uint8Array,
): Uint8Array {
  if (end - start !== handle.storedBytes || end - start < BLOCK_TRAILER_BYTES) {
    throw damage(owner, handle, 'the file ends inside a block');
  }
  const trailer = decodeTrailer(bytes, start, end, placedSeed(owner.seed, handle.offset));
  if (typeof trailer === 'string') throw damage(owner, handle, trailer);
  const { codec, type, rawBytes } = trailer;
  if (handle.type !== undefined && handle.type !== type) {
    throw damage(owner, handle, `a block of type ${type} stands where one of type ${handle.type} belongs`);
  }
  if (rawBytes > MAX_RAW_BLOCK_BYTES) throw damage(owner, handle, `a block says that it holds ${rawBytes} bytes`);
  const payload = bytes.subarray(start, end - BLOCK_TRAILER_BYTES);
  if (codec !== 0) return decompress(owner, handle, compressor, trailer, payload, room);
  if (rawBytes !== payload.length) throw damage(owner, handle, 'a stored block has not the size that it says');
  return payload;
}

function decompress(
  owner: BlockOwner,
  handle: BlockHandle,
  compressor: Compressor,
  trailer: { readonly codec: number; readonly rawBytes: number },
  payload: Uint8Array,
  room?: Uint8Array,
): Uint8Array {
  try {
    return compressor.decompress(trailer.codec as Codec, payload, trailer.rawBytes, room);
  } catch (error) {
    if (!(error instanceof CompressorError)) throw error;
    throw damage(owner, handle, `a block does not decompress: ${error.message}`);
  }
}

/** Room for the stored bytes, unless no block can be that large or stand there. */
function roomFor(owner: BlockOwner, handle: BlockHandle): Uint8Array {
  const { offset, storedBytes } = handle;
  if (storedBytes > MAX_RAW_BLOCK_BYTES + BLOCK_TRAILER_BYTES || !Number.isSafeInteger(offset + storedBytes)) {
    throw damage(owner, handle, `no block has ${storedBytes} bytes`);
  }
  return new Uint8Array(storedBytes);
}

function damage(owner: BlockOwner, handle: BlockHandle, detail: string): DamageError {
  return new DamageError(owner.path, handle.offset, detail);
}
