/**
 * A tree as bytes, for a clean shutdown: `docs/protocols/exchange.md`, "A tree that is kept". Whoever keeps them notes beside
 * them up to which place of the log they are right; a tree that does not decode is built again.
 *
 * Little-endian. One tree has one form.
 */
import { asciiBytes, equalBytes, readU16, readU32, writeU16, writeU32 } from '@torc/base/bytes';
import { crc32c } from '@torc/base/crc32c';
import { CodecError } from '@torc/base/errors';
import { MAX_PARTITION_BITS } from '../ring/partitions.ts';
import { LeafTree, MAX_DEPTH } from './tree.ts';

const MAGIC = asciiBytes('TORCTREE');
const VERSION = 1;
const HEAD_BYTES = 16;
const LEAF_BYTES = 12;
const CRC_BYTES = 4;

export function encodeTree(tree: LeafTree): Uint8Array {
  const count = 2 ** tree.depth;
  const bytes = new Uint8Array(HEAD_BYTES + count * LEAF_BYTES + CRC_BYTES);
  bytes.set(MAGIC);
  bytes[8] = VERSION;
  bytes[9] = tree.partitionBits;
  bytes[10] = tree.depth;
  writeU16(bytes, 12, tree.partition);
  const { leaves } = tree;
  for (let leaf = 0, at = HEAD_BYTES; leaves !== undefined && leaf < count; leaf += 1, at += LEAF_BYTES) {
    writeU32(bytes, at, leaves.low[leaf] as number);
    writeU32(bytes, at + 4, leaves.high[leaf] as number);
    writeU32(bytes, at + 8, leaves.counts[leaf] as number);
  }
  writeU32(bytes, bytes.length - CRC_BYTES, crc32c(bytes, 0, bytes.length - CRC_BYTES));
  return bytes;
}

/** Throws a `CodecError`. Keeps nothing of `bytes`. */
export function decodeTree(bytes: Uint8Array): LeafTree {
  if (bytes.length < HEAD_BYTES + CRC_BYTES) throw new CodecError(`a tree of ${bytes.length} bytes`);
  if (!equalBytes(bytes, 0, 8, MAGIC, 0, 8)) throw new CodecError('no tree: it does not begin with TORCTREE');
  if (bytes[8] !== VERSION) throw new CodecError(`a tree of version ${bytes[8]}; version ${VERSION} is known here`);
  const end = bytes.length - CRC_BYTES;
  if (readU32(bytes, end) !== crc32c(bytes, 0, end)) throw new CodecError('a tree whose checksum is wrong');
  const partitionBits = bytes[9] as number;
  const depth = bytes[10] as number;
  const partition = readU16(bytes, 12);
  if (partitionBits > MAX_PARTITION_BITS || depth > MAX_DEPTH || partition >= 2 ** partitionBits)
    throw new CodecError(`a tree of partition ${partition} of 2^${partitionBits}, depth ${depth}`);
  if (bytes[11] !== 0 || readU16(bytes, 14) !== 0) throw new CodecError('a tree whose reserved bytes are not zero');
  const count = 2 ** depth;
  if (end !== HEAD_BYTES + count * LEAF_BYTES)
    throw new CodecError(`a tree of depth ${depth} in ${bytes.length} bytes`);
  const low = new Uint32Array(count);
  const high = new Uint32Array(count);
  const counts = new Uint32Array(count);
  for (let leaf = 0, at = HEAD_BYTES; leaf < count; leaf += 1, at += LEAF_BYTES) {
    low[leaf] = readU32(bytes, at);
    high[leaf] = readU32(bytes, at + 4);
    counts[leaf] = readU32(bytes, at + 8);
  }
  return LeafTree.of({ partitionBits, partition }, depth, { low, high, counts });
}
