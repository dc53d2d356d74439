/**
 * What the engine and its worker say to each other, as JSON in ASCII: there are a few jobs a minute, and a reader of a trace
 * can read them. Keys go as hexadecimal.
 */
import { asciiBytes } from '@torc/base/bytes';
import type { KeyRange } from '../manifest/edit.ts';
import type { TableMeta, TableSettings } from '../sstable/table-meta.ts';

/** Words of the control buffer, the first of a job's shared buffers: the engine writes, the worker looks now and then. */
export const CONTROL_BYTES = 16;
/** Not 0: the job ends with an error at its next look. */
export const CONTROL_ABORT = 0;
/** Bytes a second that a compaction may write; 0: no limit. */
export const CONTROL_RATE = 1;
/** Not 0: a flush waits; compactions stand still. */
export const CONTROL_YIELD = 2;

export interface OutputFile {
  readonly number: number;
  readonly nonceLow: number;
  readonly nonceHigh: number;
}

export interface FlushJob {
  readonly output: OutputFile;
  readonly settings: TableSettings;
  /** How far each chunk, the shared buffers behind the control, is filled. */
  readonly filled: readonly number[];
}

export interface CompactJob {
  /** Newest run first; within a run in key order. */
  readonly runs: readonly { readonly tables: readonly InputTable[] }[];
  readonly range: KeyRange;
  readonly atBottom: boolean;
  readonly horizon: number;
  readonly wallMs: number;
  readonly outputs: readonly OutputFile[];
  readonly targetBytes: number;
  readonly settings: TableSettings;
}

export interface InputTable {
  readonly number: number;
  readonly firstKey: Uint8Array;
  readonly lastKey: Uint8Array;
  readonly holes: readonly KeyRange[];
}

export interface FlushResult {
  /** Absent when nothing was alive in the memtable. */
  readonly meta?: TableMeta;
}

export interface CompactResult {
  readonly metas: readonly TableMeta[];
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly entriesIn: number;
  readonly entriesOut: number;
  /** Keys whose version here was a value that had expired, and was dropped. */
  readonly droppedValues: readonly Uint8Array[];
}

/** Files that nothing names any more. */
export interface RemoveJob {
  readonly paths: readonly string[];
}

export interface ScrubJob {
  readonly table: number;
  /** All keys of the table: what is damaged when it does not open any more. */
  readonly range: KeyRange;
  /** The directory's secret, to ask the filters. */
  readonly hashKey0: number;
  readonly hashKey1: number;
  /** 0: no limit. */
  readonly bytesPerSecond: number;
}

export interface ScrubResult {
  readonly blocks: number;
  readonly bytes: number;
  readonly damaged: readonly DamagedBlock[];
  /** Blocks that the disk did not give. */
  readonly unreadable: number;
}

/** A block that did not check out, and the keys that it may have held. */
export interface DamagedBlock {
  readonly offset: number;
  readonly detail: string;
  readonly range: KeyRange;
}

export function encodeJob(job: unknown): Uint8Array {
  return asciiBytes(
    JSON.stringify(job, (_, value: unknown) => (value instanceof Uint8Array ? { hex: hexOf(value) } : value)),
  );
}

export function decodeJob<T>(bytes: Uint8Array): T {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return JSON.parse(text, (_, value: unknown) => (isHex(value) ? bytesOfHex(value.hex) : value)) as T;
}

function isHex(value: unknown): value is { readonly hex: string } {
  return typeof value === 'object' && value !== null && 'hex' in value && typeof value.hex === 'string';
}

function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

function bytesOfHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}
