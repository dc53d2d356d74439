/** One segment of the log, looked at offline, by the rules of its recovery: frames, entries, and how it ends. */
import { DamageError, DiskError } from '@torc/base/errors';
import type { Disk } from '@torc/base/ports/disk';
import { ENTRY_PART, type EntrySink } from '../commit-log/entry.ts';
import { FRAME_CLOSED, FRAME_ENTRIES } from '../commit-log/frame.ts';
import { LogReader, walkFrames } from '../commit-log/log-reader.ts';
import { logName } from '../commit-log/names.ts';
import { KEY_PREFIX_BYTES } from '../key.ts';
import { MAX_LOG_FILE_BYTES, placedFaultText, sizeOf } from './files.ts';
import { decodeOrSay, showEntry, type ShownEntry } from './shown-entry.ts';

/**
 * `closed`: the mark of a clean close is the last. `whole`: frames, perhaps zeros that were written ahead. `torn`: bytes
 * that a crash may leave. `followed`: all that the segment behind it lets count. `damaged`: bytes that were durable.
 */
export type LogEnd = 'closed' | 'whole' | 'torn' | 'followed' | 'damaged';

export interface LogReport {
  readonly path: string;
  readonly number: number;
  readonly fileBytes: number;
  /** Why nothing of it can be read; what follows is 0 then. */
  readonly problem?: string;
  readonly firstBatch: number;
  /** How much of the segment before counts. */
  readonly previousBytes: number;
  readonly nextBatch: number;
  readonly frames: number;
  readonly whole: number;
  readonly parts: number;
  readonly states: number;
  /** Where the last sound frame ends, and how far sound frames call the file durable. */
  readonly endBytes: number;
  readonly syncedBytes: number;
  readonly end: LogEnd;
  /** Entries of sound frames that are none: written wrong. */
  readonly malformed: readonly { readonly offset: number; readonly detail: string }[];
  readonly entries: readonly ShownEntry[];
}

export interface LogOptions {
  /** So many entries are shown, from the first. */
  readonly entries: number;
  /** What the segment behind says of how much counts here. */
  readonly countedBytes?: number;
}

const MAX_MALFORMED = 100;

export function inspectLog(disk: Disk, number: number, options: LogOptions): LogReport {
  const path = logName(number);
  const fileBytes = sizeOf(disk, path) ?? 0;
  const nothing = { firstBatch: 0, previousBytes: 0, nextBatch: 0, frames: 0, whole: 0, parts: 0, states: 0 };
  const none = { ...nothing, endBytes: 0, syncedBytes: 0, end: 'damaged' as const, malformed: [], entries: [] };
  try {
    if (fileBytes > MAX_LOG_FILE_BYTES) throw new DamageError(path, 0, `no segment has ${fileBytes} bytes`);
    const reader = LogReader.open(disk, path, 'log');
    if (reader.header.number !== number) throw new DamageError(path, 12, `this is segment ${reader.header.number}`);
    return inspect(reader, number, options);
  } catch (error) {
    if (!(error instanceof DamageError || error instanceof DiskError)) throw error;
    return { path, number, fileBytes, problem: placedFaultText(error), ...none };
  }
}

function inspect(reader: LogReader, number: number, options: LogOptions): LogReport {
  const { path, header, bytes } = reader;
  const limit = Math.min(options.countedBytes ?? bytes.length, bytes.length);
  const seen = new SeenEntries(options.entries);
  let frames = 0;
  let closed = false;
  const walk = walkFrames(reader, limit, (offset, frame) => {
    frames += 1;
    closed = frame.type === FRAME_CLOSED;
    if (frame.type === FRAME_ENTRIES) seen.read(reader, offset, () => reader.deliver(offset, frame, seen));
  });
  const { firstBatch, previousBytes } = header;
  const { endBytes, syncedBytes, nextBatch } = walk;
  const { whole, parts, states, malformed, shown } = seen;
  return {
    path,
    number,
    fileBytes: bytes.length,
    firstBatch,
    previousBytes,
    nextBatch,
    frames,
    whole,
    parts,
    states,
    endBytes,
    syncedBytes,
    end: endOf(reader, endBytes, closed, options.countedBytes),
    malformed,
    entries: shown,
  };
}

function endOf(reader: LogReader, endBytes: number, closed: boolean, countedBytes: number | undefined): LogEnd {
  const { bytes } = reader;
  if (countedBytes !== undefined) return endBytes === countedBytes ? 'followed' : 'damaged';
  for (let from = endBytes - 8; ; ) {
    const next = reader.resync(from, bytes.length, 0);
    if (next === undefined) break;
    if (next.frame.synced > endBytes) return 'damaged';
    from = next.offset;
  }
  for (let at = endBytes; at < bytes.length; at += 1) if (bytes[at] !== 0) return 'torn';
  return closed ? 'closed' : 'whole';
}

class SeenEntries implements EntrySink {
  readonly shown: ShownEntry[] = [];
  readonly malformed: { readonly offset: number; readonly detail: string }[] = [];
  whole = 0;
  parts = 0;
  states = 0;
  readonly #wanted: number;

  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  /** Entries that do not parse are noted. */
  read(reader: LogReader, offset: number, deliver: () => void): void {
    try {
      deliver();
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      this.#note(offset, error.message.slice(new DamageError(reader.path, offset, '').message.length));
    }
  }

  record(
    kind: number,
    _change: number,
    bytes: Uint8Array,
    keyStart: number,
    recordStart: number,
    recordEnd: number,
  ): void {
    if (kind === ENTRY_PART) this.parts += 1;
    else this.whole += 1;
    if (recordStart - keyStart < KEY_PREFIX_BYTES) this.#note(keyStart, 'a key has no prefix');
    const record = decodeOrSay(bytes, recordStart, recordEnd);
    if (typeof record === 'string') this.#note(recordStart, record);
    if (this.shown.length >= this.#wanted) return;
    this.shown.push(showEntry(keyStart, kind, bytes.slice(keyStart, recordStart), bytes, [recordStart, recordEnd]));
  }

  state(): void {
    this.states += 1;
  }

  #note(offset: number, detail: string): void {
    if (this.malformed.length < MAX_MALFORMED) this.malformed.push({ offset, detail });
  }
}
