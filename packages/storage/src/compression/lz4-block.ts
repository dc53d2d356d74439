/**
 * The LZ4 block format (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md), in plain code: the fallback where
 * no native library loads, and the only one in simulation.
 *
 *   block    := sequence* last
 *   sequence := token literal-length* literal* offset match-length*     token: high 4 bits literals, low 4 match - 4
 *   last     := token literal-length* literal*                          15 in the token: bytes follow, until one < 255
 *   offset   := two bytes, low first, 1 to 65535, back from the end of what is written
 *
 * 1. The last five bytes are literals, and the last match begins twelve or more before the end: what other decoders need.
 * 2. The decoder writes to exactly `sizeBytes` bytes and reads only its input, whatever that holds; anything that does
 *    not fit both is a `CompressorError`.
 *
 * What may go wrong: damage that keeps every length valid decodes to other bytes. The block's checksum is for that.
 */
import { CompressorError } from '@torc/base/errors';

const MIN_MATCH = 4;
const LAST_LITERALS = 5;
/** No match begins in the last twelve bytes. */
const MATCH_LIMIT = 12;
const MAX_OFFSET = 65535;
const HASH_BITS = 13;

/** Position + 1 of the last four bytes with that hash; 0: none. One for all blocks: each begins by clearing it. */
const TABLE = new Int32Array(1 << HASH_BITS);

/** Room that a block is compressed into before the result is cut out; a larger block gets its own. */
const ROOM = new Uint8Array(64 * 1024);

export function compressLz4Block(input: Uint8Array): Uint8Array {
  const most = input.length + Math.ceil(input.length / 255) + 16;
  const output = most <= ROOM.length ? ROOM : new Uint8Array(most);
  const table = TABLE.fill(0);
  const matchEnd = input.length - LAST_LITERALS;
  const searchEnd = input.length - MATCH_LIMIT;
  let to = 0;
  let anchor = 0;
  let at = 0;
  while (at <= searchEnd) {
    const word = read32(input, at);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const candidate = (table[slot] as number) - 1;
    table[slot] = at + 1;
    if (candidate < 0 || at - candidate > MAX_OFFSET || read32(input, candidate) !== word) {
      // The longer nothing was found, the larger the steps: noise is passed quickly.
      at += 1 + ((at - anchor) >> 6);
      continue;
    }
    let length = MIN_MATCH;
    while (at + length < matchEnd && input[candidate + length] === input[at + length]) length++;
    to = putSequence(output, to, input, anchor, at - anchor, length - MIN_MATCH);
    const offset = at - candidate;
    // The offset stands between the literals and the rest of the match length.
    to = putOffset(output, to, offset, length - MIN_MATCH);
    at += length;
    anchor = at;
  }
  return output.slice(0, putSequence(output, to, input, anchor, input.length - anchor, 0));
}

/** Into the front of `room` if it is given and large enough, else into a fresh array. */
export function decompressLz4Block(input: Uint8Array, sizeBytes: number, room?: Uint8Array): Uint8Array {
  const output =
    room !== undefined && room.length >= sizeBytes ? room.subarray(0, sizeBytes) : new Uint8Array(sizeBytes);
  let from = 0;
  let to = 0;
  for (;;) {
    if (from >= input.length) throw new CompressorError('LZ4 block ends without its last literals');
    const token = input[from++] as number;
    let literals = token >> 4;
    if (literals === 15) {
      const end = lengthEnd(input, from);
      literals += lengthAt(input, from, end);
      from = end;
    }
    if (literals > input.length - from || literals > sizeBytes - to) throw new CompressorError('LZ4 literals overrun');
    copyLiterals(output, to, input, from, literals);
    from += literals;
    to += literals;
    if (from === input.length) break;
    if (input.length - from < 2) throw new CompressorError('LZ4 offset is cut');
    const offset = (input[from] as number) | ((input[from + 1] as number) << 8);
    from += 2;
    let match = (token & 15) + MIN_MATCH;
    if ((token & 15) === 15) {
      const end = lengthEnd(input, from);
      match += lengthAt(input, from, end);
      from = end;
    }
    if (offset === 0 || offset > to) throw new CompressorError(`LZ4 offset ${offset} leads before the start`);
    if (match > sizeBytes - to) throw new CompressorError('LZ4 match overruns');
    copyMatch(output, to, offset, match);
    to += match;
  }
  if (to !== sizeBytes) throw new CompressorError(`LZ4 block holds ${to} bytes instead of ${sizeBytes}`);
  return output;
}

/** Token, literal length and literals. */
function putSequence(
  output: Uint8Array,
  start: number,
  input: Uint8Array,
  anchor: number,
  literals: number,
  match: number,
): number {
  let to = start;
  output[to++] = (Math.min(literals, 15) << 4) | Math.min(match, 15);
  if (literals >= 15) to = putLength(output, to, literals - 15);
  copyLiterals(output, to, input, anchor, literals);
  return to + literals;
}

function putOffset(output: Uint8Array, start: number, offset: number, match: number): number {
  output[start] = offset & 255;
  output[start + 1] = offset >> 8;
  return match >= 15 ? putLength(output, start + 2, match - 15) : start + 2;
}

function putLength(output: Uint8Array, start: number, length: number): number {
  let to = start;
  let rest = length;
  for (; rest >= 255; rest -= 255) output[to++] = 255;
  output[to++] = rest;
  return to;
}

/** Where the bytes of a length that begins at `from` end: behind the first that is not 255. */
function lengthEnd(input: Uint8Array, from: number): number {
  let at = from;
  while (input[at] === 255) at++;
  if (at >= input.length) throw new CompressorError('LZ4 length is cut');
  return at + 1;
}

function lengthAt(input: Uint8Array, from: number, end: number): number {
  return (end - from - 1) * 255 + (input[end - 1] as number);
}

/** Below this a loop beats a call into the engine. */
const SHORT = 48;

function copyLiterals(output: Uint8Array, to: number, input: Uint8Array, from: number, length: number): void {
  if (length >= SHORT) output.set(input.subarray(from, from + length), to);
  else for (let i = 0; i < length; i++) output[to + i] = input[from + i] as number;
}

/** Copies from `offset` back; a match that reaches into itself repeats. */
function copyMatch(output: Uint8Array, to: number, offset: number, length: number): void {
  if (offset >= length && length >= SHORT) {
    output.copyWithin(to, to - offset, to - offset + length);
    return;
  }
  for (let i = 0; i < length; i++) output[to + i] = output[to + i - offset] as number;
}

function read32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
