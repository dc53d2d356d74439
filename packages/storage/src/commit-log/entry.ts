/**
 * Entries: what frames carry. Eight bytes of header, the engine's key, the record.
 *
 *     u32  key length (24 bits) | kind << 24 | change << 28
 *     u32  record length
 *     key, record
 *
 * `whole`: the record stands for all that came before it under the key. `part`: merge it with what lies below (data that
 * arrive by transfer). The change says what the entry did to the number of values in its bucket. `state`: one of the engine's own numbers; the "key" is its one-byte name, the "record" a u64.
 */
import { readU32, readU53, writeU32, writeU53 } from '@torc/base/bytes';

export const ENTRY_HEADER_BYTES = 8;
export const ENTRY_WHOLE = 1;
export const ENTRY_PART = 2;
export const ENTRY_STATE = 3;

/** Where the kind ends and the change begins, in the byte that holds both. */
const KIND_MASK = 0x0f;
const CHANGE_SHIFT = 4;

/** The change: the key had no value and now has one; it had one and now has none; neither. */
export const ADDS_VALUE = 1;
export const REMOVES_VALUE = 2;
export const SAME_VALUES = 0;

const STATE_ENTRY_BYTES = ENTRY_HEADER_BYTES + 9;

export function writeEntryHeader(
  into: Uint8Array,
  at: number,
  kind: number,
  change: number,
  keyBytes: number,
  recordBytes: number,
): void {
  writeU32(into, at, keyBytes | (kind << 24) | (change << 28));
  writeU32(into, at + 4, recordBytes);
}

/** A state entry in bytes of its own: `name` from 0 to 255, `value` a safe integer. */
export function stateEntry(name: number, value: number): Uint8Array {
  const bytes = new Uint8Array(STATE_ENTRY_BYTES);
  writeEntryHeader(bytes, 0, ENTRY_STATE, SAME_VALUES, 1, 8);
  bytes[ENTRY_HEADER_BYTES] = name;
  writeU53(bytes, ENTRY_HEADER_BYTES + 1, value);
  return bytes;
}

/** Who receives entries, in order. Ranges are valid during the call only. */
export interface EntrySink {
  record(
    kind: number,
    change: number,
    bytes: Uint8Array,
    keyStart: number,
    recordStart: number,
    recordEnd: number,
  ): void;
  state(name: number, value: number): void;
}

/**
 * Hands every entry of a payload to `sink`. The payload passed its checksum, so what does not parse was written wrong:
 * the answer is `false` and the caller reports damage.
 */
export function readEntries(bytes: Uint8Array, start: number, end: number, count: number, sink: EntrySink): boolean {
  let at = start;
  for (let i = 0; i < count; i += 1) {
    if (end - at < ENTRY_HEADER_BYTES) return false;
    const head = readU32(bytes, at);
    const kind = (head >>> 24) & KIND_MASK;
    const change = head >>> (24 + CHANGE_SHIFT);
    if (change > REMOVES_VALUE) return false;
    const keyStart = at + ENTRY_HEADER_BYTES;
    const recordStart = keyStart + (head & 0xffffff);
    const recordEnd = recordStart + readU32(bytes, at + 4);
    if (recordEnd > end) return false;
    if (kind === ENTRY_STATE) {
      if (recordStart - keyStart !== 1 || recordEnd - recordStart !== 8) return false;
      sink.state(bytes[keyStart] as number, readU53(bytes, recordStart));
    } else if (kind === ENTRY_WHOLE || kind === ENTRY_PART) {
      sink.record(kind, change, bytes, keyStart, recordStart, recordEnd);
    } else {
      return false;
    }
    at = recordEnd;
  }
  return at === end;
}
