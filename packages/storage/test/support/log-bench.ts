/** Short ways to run the commit log alone, to look at its files and to damage them. */
import type { Disk, DiskFile } from '@torc/base/ports/disk';
import { asciiBytes } from '@torc/base/bytes';
import type { SimDisk } from '@torc/sim/disk/disk';
import { CommitLog, type LogListener, type LogPorts } from '../../src/commit-log/commit-log.ts';
import {
  ENTRY_HEADER_BYTES,
  ENTRY_WHOLE,
  SAME_VALUES,
  writeEntryHeader,
  type EntrySink,
} from '../../src/commit-log/entry.ts';
import { FRAME_ENTRIES, FRAME_HEADER_BYTES, frameBytes, sealFrame } from '../../src/commit-log/frame.ts';
import { LogReader, readWhole, walkFrames } from '../../src/commit-log/log-reader.ts';
import { LogRecovery, type RecoveredLog } from '../../src/commit-log/recovery.ts';
import { DamagePolicy, type Gap } from '../../src/commit-log/salvage.ts';
import { Events, World } from './world.ts';

/** Keeps what a recovery delivers, as `key=record` lines. */
export class Collected implements EntrySink {
  readonly lines: string[] = [];

  record(
    _kind: number,
    _change: number,
    bytes: Uint8Array,
    keyStart: number,
    recordStart: number,
    recordEnd: number,
  ): void {
    this.lines.push(`${text(bytes.subarray(keyStart, recordStart))}=${text(bytes.subarray(recordStart, recordEnd))}`);
  }

  state(name: number, value: number): void {
    this.lines.push(`state ${name}=${value}`);
  }
}

export interface OpenLog {
  readonly log: CommitLog;
  readonly recovered: RecoveredLog;
  readonly lines: readonly string[];
  readonly gaps: readonly Gap[];
}

export interface LogOptions {
  readonly segmentBytes?: number;
  readonly salvage?: boolean;
  readonly listener?: LogListener;
  readonly ports?: LogPorts;
}

export function openLog(world: World, options: LogOptions = {}): OpenLog {
  const { segmentBytes = 1 << 20, salvage = false, listener = new Events(), ports = world.ports() } = options;
  const sink = new Collected();
  const policy = new DamagePolicy(salvage);
  const recovered = new LogRecovery(ports, policy, sink).run(0);
  const log = new CommitLog(ports, { segmentBytes, aheadBytes: 0 }, recovered.file, recovered.nextBatch, listener);
  return { log, recovered, lines: sink.lines, gaps: policy.gaps };
}

/** Appends `key=record`. */
export function append(log: CommitLog, line: string): void {
  const at = line.indexOf('=');
  const bytes = asciiBytes(line.slice(0, at) + line.slice(at + 1));
  log.append(ENTRY_WHOLE, SAME_VALUES, bytes, 0, at, bytes.length);
}

/** Each line a batch of its own, durable when this returns. */
export function appendEach(log: CommitLog, lines: readonly string[]): void {
  for (const line of lines) {
    append(log, line);
    log.commitNow();
  }
}

/** Where the frames of a segment begin, and last where the last one ends. */
export function frameOffsets(disk: Disk, path: string): number[] {
  const reader = LogReader.open(disk, path, 'log');
  const offsets: number[] = [];
  const { endBytes } = walkFrames(reader, reader.bytes.length, (offset) => void offsets.push(offset));
  return [...offsets, endBytes];
}

export function contents(disk: Disk, path: string): Uint8Array {
  return readWhole(disk, path);
}

/** Changes a file behind everybody's back, durably. */
export function tamper(disk: SimDisk, path: string, change: (file: DiskFile) => void): void {
  const file = disk.open(path);
  change(file);
  file.syncNow();
  file.close();
}

export function overwrite(disk: SimDisk, path: string, offset: number, bytes: Uint8Array): void {
  if (bytes.length > 0) tamper(disk, path, (file) => void file.writeNow(bytes, 0, bytes.length, offset));
}

/** A sound frame of that file with one entry, as the log itself would write it. */
export function forgeFrame(
  disk: Disk,
  path: string,
  { batch, synced, line }: { readonly batch: number; readonly synced: number; readonly line: string },
): Uint8Array {
  const { seed } = LogReader.open(disk, path, 'log').header;
  const at = line.indexOf('=');
  const raw = asciiBytes(line.slice(0, at) + line.slice(at + 1));
  const payloadBytes = ENTRY_HEADER_BYTES + raw.length;
  const bytes = new Uint8Array(frameBytes(payloadBytes));
  writeEntryHeader(bytes, FRAME_HEADER_BYTES, ENTRY_WHOLE, SAME_VALUES, at, raw.length - at);
  bytes.set(raw, FRAME_HEADER_BYTES + ENTRY_HEADER_BYTES);
  sealFrame(bytes, 0, { type: FRAME_ENTRIES, batch, entries: 1, payloadBytes, synced }, seed);
  return bytes;
}

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
