/**
 * Flush, in the worker: the entries of a frozen memtable, in key order, become a table. The memtable's chunks are shared,
 * not copied, and nothing writes to them any more.
 */
import { compareBytes } from '@torc/base/bytes';
import { firstOffset } from '../memtable/arena.ts';
import {
  ENTRY_HEAD_BYTES,
  entryBytes,
  entryIsDead,
  entryKeyBytes,
  entryKind,
  entryRecordBytes,
} from '../memtable/entry-layout.ts';
import { TableWriter } from '../sstable/table-writer.ts';
import type { WorkerParts } from '../jobs.ts';
import { decodeJob, encodeJob, type FlushJob, type FlushResult } from './job-codec.ts';
import { JobPace } from './job-pace.ts';
import { publishTables, temporaryTable } from './publish-table.ts';

/** A place is a chunk and an offset in it, in one number. */
const OFFSET_SPAN = 2 ** 32;

/** How much is written between two looks at the control. */
const PIECE_BYTES = 1024 * 1024;

export async function flushJob(
  ports: WorkerParts,
  input: Uint8Array,
  shared: readonly SharedArrayBuffer[],
): Promise<Uint8Array> {
  const job = decodeJob<FlushJob>(input);
  const [control, ...buffers] = shared;
  const chunks = buffers.map((buffer) => new Uint8Array(buffer));
  const pace = new JobPace(ports.clock, control as SharedArrayBuffer, false);
  const groups = groupEntries(chunks, job.filled);
  const result: FlushResult = groups.length === 0 ? {} : { meta: await write(ports, job, pace, chunks, groups) };
  return encodeJob(result);
}

async function write(
  ports: WorkerParts,
  job: FlushJob,
  pace: JobPace,
  chunks: readonly Uint8Array[],
  groups: readonly number[][],
): Promise<TableWriter['finish'] extends () => infer M ? M : never> {
  const { number } = job.output;
  const writer = new TableWriter(ports, { ...job.output, path: temporaryTable(number) }, job.settings);
  try {
    let piece = 0;
    for (const group of groups) {
      for (const place of sortGroup(chunks, group)) piece += addEntry(writer, chunks, place);
      if (piece < PIECE_BYTES) continue;
      await pace.worked(piece);
      piece = 0;
    }
    const meta = writer.finish();
    publishTables(ports.disk, ports.probe, [number]);
    return meta;
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

/** Places of the living entries, in groups by bucket and the first byte of the position, the groups in order. */
function groupEntries(chunks: readonly Uint8Array[], filled: readonly number[]): number[][] {
  const groups = new Map<number, number[]>();
  for (const [number, bytes] of chunks.entries()) {
    const end = filled[number] as number;
    for (let at = firstOffset(number); at < end; at += entryBytes(bytes, at)) {
      if (entryIsDead(bytes, at)) continue;
      const key = at + ENTRY_HEAD_BYTES;
      const group = ((bytes[key] as number) << 16) | ((bytes[key + 1] as number) << 8) | (bytes[key + 2] as number);
      const places = groups.get(group);
      if (places === undefined) groups.set(group, [number * OFFSET_SPAN + at]);
      else places.push(number * OFFSET_SPAN + at);
    }
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, places]) => places);
}

function sortGroup(chunks: readonly Uint8Array[], places: number[]): number[] {
  return places.sort((a, b) => {
    const aBytes = chunks[Math.floor(a / OFFSET_SPAN)] as Uint8Array;
    const bBytes = chunks[Math.floor(b / OFFSET_SPAN)] as Uint8Array;
    const aAt = a % OFFSET_SPAN;
    const bAt = b % OFFSET_SPAN;
    const aKey = aAt + ENTRY_HEAD_BYTES;
    const bKey = bAt + ENTRY_HEAD_BYTES;
    return compareBytes(
      aBytes,
      aKey,
      aKey + entryKeyBytes(aBytes, aAt),
      bBytes,
      bKey,
      bKey + entryKeyBytes(bBytes, bAt),
    );
  });
}

function addEntry(writer: TableWriter, chunks: readonly Uint8Array[], place: number): number {
  const bytes = chunks[Math.floor(place / OFFSET_SPAN)] as Uint8Array;
  const at = place % OFFSET_SPAN;
  const keyStart = at + ENTRY_HEAD_BYTES;
  const recordStart = keyStart + entryKeyBytes(bytes, at);
  const recordEnd = recordStart + entryRecordBytes(bytes, at);
  writer.add(entryKind(bytes, at), bytes, keyStart, recordStart, bytes, recordStart, recordEnd);
  return recordEnd - keyStart;
}
