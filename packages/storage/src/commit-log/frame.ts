/**
 * The bytes of log segments, manifests and old checkpoint files: a file header, then frames. Byte by byte in
 * `docs/formats/commit-log.md`.
 *
 * Invariants:
 * 1. A file's header is durable before the file has its final name; so a bad header is damage, never a torn start.
 * 2. A frame's checksum covers all of its header and payload and starts from the file's seed, which is the header's own
 *    checksum over its number and a random nonce: a frame of another file, or bytes that a client chose, cannot pass.
 * 3. Batch numbers rise by one from frame to frame, across segments.
 * 4. A frame's `synced` offset was known to be durable when the frame was written: below it nothing may be missing.
 */
import { readU32, readU53, writeU32, writeU53 } from '@torc/base/bytes';
import { crc32c } from '@torc/base/crc32c';

export const FILE_HEADER_BYTES = 64;
export const FRAME_HEADER_BYTES = 32;
export const FRAME_ALIGNMENT = 8;
export const FILE_FORMAT_VERSION = 1;

/** 'TORCLOG1', 'TORCCKP1' and 'TORCMAN1', as two little-endian words each. */
const MAGIC = {
  log: [0x43524f54, 0x31474f4c],
  checkpoint: [0x43524f54, 0x31504b43],
  manifest: [0x43524f54, 0x314e414d],
} as const;

export type FileKind = keyof typeof MAGIC;

/** What a frame holds: entries; the mark of a clean close; the end of an old checkpoint file. */
export const FRAME_ENTRIES = 1;
export const FRAME_CLOSED = 2;
export const FRAME_END = 3;

export interface FileHeader {
  readonly kind: FileKind;
  /** Of a log or a manifest: the file's number. Of an old checkpoint file: the first segment that it does not contain. */
  readonly number: number;
  readonly nonceLow: number;
  readonly nonceHigh: number;
  /** How much of the segment before counts; what lies above was rewritten into this one. */
  readonly previousBytes: number;
  readonly firstBatch: number;
}

/** Writes the header and returns the seed of the file's frames. */
export function encodeFileHeader(header: FileHeader, into: Uint8Array): number {
  into.fill(0, 0, FILE_HEADER_BYTES);
  const [low, high] = MAGIC[header.kind];
  writeU32(into, 0, low);
  writeU32(into, 4, high);
  writeU32(into, 8, FILE_FORMAT_VERSION);
  writeU32(into, 12, header.number);
  writeU32(into, 16, header.nonceLow);
  writeU32(into, 20, header.nonceHigh);
  writeU53(into, 24, header.previousBytes);
  writeU53(into, 32, header.firstBatch);
  const seed = crc32c(into, 0, FILE_HEADER_BYTES - 4);
  writeU32(into, FILE_HEADER_BYTES - 4, seed);
  return seed;
}

/** The header in the first bytes of a file, or why there is none. */
export function decodeFileHeader(bytes: Uint8Array, kind: FileKind): (FileHeader & { readonly seed: number }) | string {
  if (bytes.length < FILE_HEADER_BYTES) return 'the file is shorter than its header';
  const [low, high] = MAGIC[kind];
  const seed = readU32(bytes, FILE_HEADER_BYTES - 4);
  if (readU32(bytes, 0) !== low || readU32(bytes, 4) !== high) return 'the magic bytes are wrong';
  if (crc32c(bytes, 0, FILE_HEADER_BYTES - 4) !== seed) return 'the checksum of the file header is wrong';
  const version = readU32(bytes, 8);
  if (version !== FILE_FORMAT_VERSION) return `format version ${version} is not known to this release`;
  return {
    kind,
    number: readU32(bytes, 12),
    nonceLow: readU32(bytes, 16),
    nonceHigh: readU32(bytes, 20),
    previousBytes: readU53(bytes, 24),
    firstBatch: readU53(bytes, 32),
    seed,
  };
}

export interface FrameFields {
  readonly type: number;
  readonly batch: number;
  readonly entries: number;
  readonly payloadBytes: number;
  readonly synced: number;
}

/** The size of a frame with its padding. */
export function frameBytes(payloadBytes: number): number {
  return FRAME_HEADER_BYTES + Math.ceil(payloadBytes / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
}

/** The first byte of a frame that its checksum covers: all of it but the checksum itself. */
export const FRAME_COVER = 4;

/**
 * Completes a frame whose payload already stands behind `FRAME_HEADER_BYTES` at `start`; pads it and returns its end.
 * The array has room for the padding.
 */
export function sealFrame(
  bytes: Uint8Array,
  start: number,
  fields: FrameFields,
  seed: number,
  cover: number = FRAME_COVER,
): number {
  const payloadEnd = start + FRAME_HEADER_BYTES + fields.payloadBytes;
  const end = start + frameBytes(fields.payloadBytes);
  bytes.fill(0, payloadEnd, end);
  writeU32(bytes, start + 4, fields.payloadBytes);
  writeU32(bytes, start + 8, fields.entries);
  writeU53(bytes, start + 16, fields.synced);
  writeU53(bytes, start + 24, fields.batch);
  writeU32(bytes, start + 12, fields.type | (headerCheck(bytes, start, seed) << 8));
  writeU32(bytes, start, crc32c(bytes, start + cover, end, seed));
  return end;
}

/** The frame at `start` if it is whole and sound, else `undefined`. `end` is the end of the file's bytes. */
export function readFrame(
  bytes: Uint8Array,
  start: number,
  end: number,
  seed: number,
  cover: number = FRAME_COVER,
): FrameFields | undefined {
  const room = end - start - FRAME_HEADER_BYTES;
  if (room < 0) return undefined;
  const payloadBytes = readU32(bytes, start + 4);
  if (payloadBytes > room || frameBytes(payloadBytes) - FRAME_HEADER_BYTES > room) return undefined;
  const word = readU32(bytes, start + 12);
  const type = word & 0xff;
  if (type < FRAME_ENTRIES || type > FRAME_END) return undefined;
  // The header answers for itself first: a search for the next frame must not checksum whatever a length claims.
  if (cover === FRAME_COVER && headerCheck(bytes, start, seed) !== word >>> 8) return undefined;
  const frameEnd = start + frameBytes(payloadBytes);
  if (crc32c(bytes, start + cover, frameEnd, seed) !== readU32(bytes, start)) return undefined;
  return {
    type,
    batch: readU53(bytes, start + 24),
    entries: readU32(bytes, start + 8),
    payloadBytes,
    synced: readU53(bytes, start + 16),
  };
}

/** 24 bits over the header's numbers. */
function headerCheck(bytes: Uint8Array, start: number, seed: number): number {
  return crc32c(bytes, start + 16, start + FRAME_HEADER_BYTES, crc32c(bytes, start + 4, start + 12, seed)) >>> 8;
}
