/**
 * The scrub of one table, in the worker: everything in it is read and checked, slowly. What is damaged is reported, with
 * the keys that it may have held; nothing is changed.
 */
import { DamageError } from '@torc/base/errors';
import { TableCheck } from '../inspect/table-check.ts';
import { tableName } from '../sstable/names.ts';
import { Table } from '../sstable/table.ts';
import type { JobPorts } from '../jobs.ts';
import { decodeJob, encodeJob, type ScrubJob, type ScrubResult } from './job-codec.ts';
import { JobPace } from './job-pace.ts';

/** How much is checked between two looks at the control. */
const PIECE_BYTES = 128 * 1024;

export async function scrubJob(
  ports: JobPorts,
  input: Uint8Array,
  shared: readonly SharedArrayBuffer[],
): Promise<Uint8Array> {
  const job = decodeJob<ScrubJob>(input);
  const pace = new JobPace(ports.clock, shared[0] as SharedArrayBuffer, true, job.bytesPerSecond);
  const table = openTable(ports, job);
  if (table instanceof DamageError) return encodeJob(allDamaged(table, job));
  try {
    return encodeJob(await scrub(ports, job, pace, table));
  } finally {
    table.close();
  }
}

async function scrub({ compressor }: JobPorts, job: ScrubJob, pace: JobPace, table: Table): Promise<ScrubResult> {
  const check = new TableCheck(table, compressor, job);
  let piece = 0;
  for (const bytes of check.steps()) {
    piece += bytes;
    if (piece < PIECE_BYTES) continue;
    await pace.worked(piece);
    piece = 0;
  }
  await pace.worked(piece);
  const { blocks, bytes, damaged, unreadable } = check;
  return { blocks, bytes, damaged, unreadable: unreadable.length };
}

function openTable({ disk, compressor }: JobPorts, { table: number }: ScrubJob): Table | DamageError {
  try {
    return Table.open(disk, tableName(number), number, compressor);
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    return error;
  }
}

/** Whoever has it open still reads it; the next start could not. */
function allDamaged({ offset, message }: DamageError, { range }: ScrubJob): ScrubResult {
  return { blocks: 0, bytes: 0, damaged: [{ offset, detail: message, range }], unreadable: 0 };
}
