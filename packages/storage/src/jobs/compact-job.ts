/**
 * Compaction, in the worker: the entries of the inputs within a range, merged by record rules, become new tables.
 */
import { assert } from '@torc/base/assert';
import { MergeCursor } from '../read/merge-cursor.ts';
import { BoundedCursor } from '../read/bounded-cursor.ts';
import type { Cursor } from '../read/cursor.ts';
import { RecordFold } from '../read/fold.ts';
import { RunCursor } from '../read/run-cursor.ts';
import { SplitOutput, TableMerge } from '../compaction/merge-tables.ts';
import { tableName } from '../sstable/names.ts';
import { Table } from '../sstable/table.ts';
import { TableCursor } from '../sstable/table-cursor.ts';
import { TableWriter } from '../sstable/table-writer.ts';
import type { WorkerParts } from '../jobs.ts';
import {
  decodeJob,
  encodeJob,
  type CompactJob,
  type CompactResult,
  type InputTable,
  type OutputFile,
} from './job-codec.ts';
import { JobPace } from './job-pace.ts';
import { publishTables, removeTemporary, temporaryTable } from './publish-table.ts';
import { ReadAhead } from './read-ahead.ts';

/** How much is merged between two looks at the control. */
const PIECE_BYTES = 512 * 1024;

export async function compactJob(
  ports: WorkerParts,
  input: Uint8Array,
  shared: readonly SharedArrayBuffer[],
): Promise<Uint8Array> {
  const job = decodeJob<CompactJob>(input);
  const pace = new JobPace(ports.clock, shared[0] as SharedArrayBuffer, true);
  const runs = job.runs.map(({ tables }) => new InputRun(ports, tables));
  try {
    return encodeJob(await merge(ports, job, pace, runs));
  } finally {
    for (const run of runs) run.close();
  }
}

/** A run of the inputs. It reads one table at a time: the one before is closed when the next is opened. */
class InputRun {
  readonly cursor: RunCursor;
  readonly #ports: WorkerParts;
  #table: Table | undefined;
  #reader: ReadAhead | undefined;

  constructor(ports: WorkerParts, tables: readonly InputTable[]) {
    this.#ports = ports;
    this.cursor = new RunCursor(tables.map((one) => ({ ...one, open: () => this.#open(one) })));
  }

  close(): void {
    this.#reader?.release();
    this.#reader = undefined;
    this.#table?.close();
    this.#table = undefined;
  }

  #open({ number, holes }: InputTable): Cursor {
    const { disk, compressor, probe, pieces } = this.#ports;
    this.close();
    this.#table = Table.open(disk, tableName(number), number, compressor);
    this.#reader = new ReadAhead(this.#table, compressor, probe, pieces);
    const cursor = new TableCursor(this.#table, this.#reader);
    return holes.length === 0 ? cursor : new BoundedCursor(cursor, { from: NO_KEY }, holes);
  }
}

const NO_KEY = new Uint8Array(0);

async function merge(
  ports: WorkerParts,
  job: CompactJob,
  pace: JobPace,
  inputs: readonly InputRun[],
): Promise<CompactResult> {
  const cursor = new BoundedCursor(
    new MergeCursor(
      inputs.map((input) => input.cursor),
      new RecordFold(ports.probe.planted('newest-sequence-wins')),
    ),
    job.range,
    [],
  );
  const used: number[] = [];
  const output = new SplitOutput(() => begin(ports, job, used), job.targetBytes);
  const work = new TableMerge(cursor, output, job);
  try {
    for (let progress = work.step(PIECE_BYTES); progress !== 'done'; progress = work.step(PIECE_BYTES)) {
      assert(progress === 'more', 'a job reads ahead of itself');
      await pace.worked(PIECE_BYTES);
    }
    output.finish();
    publishTables(ports.disk, ports.probe, used);
  } catch (error) {
    output.abandon();
    removeTemporary(ports.disk, used);
    throw error;
  }
  return {
    metas: output.finished,
    bytesIn: work.bytesIn,
    bytesOut: work.bytesOut,
    entriesIn: work.entriesIn,
    entriesOut: work.entriesOut,
    droppedValues: work.forgottenValues,
  };
}

function begin(ports: WorkerParts, job: CompactJob, used: number[]): TableWriter {
  // The engine gives more numbers than its estimate needs; the last table takes what is left.
  const file = job.outputs[used.length] as OutputFile;
  used.push(file.number);
  return new TableWriter(ports, { ...file, path: temporaryTable(file.number) }, job.settings);
}
