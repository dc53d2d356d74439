/**
 * Why a key is answered as it is: one read of it, told step by step by the very path that every read takes.
 */
import { slotOf } from '@torc/base/position';
import { DamageError } from '@torc/base/errors';
import type { Clock } from '@torc/base/ports/clock';
import { decodeRecord } from '@torc/base/record/codec';
import { isLive } from '@torc/base/record/fate';
import type { TorcRecord } from '@torc/base/record/record';
import type { Engine } from '@torc/storage/engine';
import type { EngineKey } from '@torc/storage/key';
import type { ReadTrace, TableVerdict } from '@torc/storage/read/read-trace';
import { RecordView } from '@torc/storage/read/record-view';

/** One line each, to be read by a person; `name: what` so that a program can cut them. */
export function explainKey(engine: Engine, clock: Clock, wallMs: number, key: EngineKey): string[] {
  const trace = new Trace();
  const view = new RecordView();
  const beganMs = clock.monotonicMs();
  const lines = [`key: bucket ${key.bucket}, slot ${slotOf(key.position)}, position ${hexOf(key.position)}`];
  let found = false;
  try {
    found = engine.explain(key, view, trace);
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    trace.lines.push(`damaged: ${error.message}`);
  }
  const tookMs = clock.monotonicMs() - beganMs;
  lines.push(...trace.lines);
  if (found) lines.push(...recordLines(decodeRecord(view.bytes, view.start, view.end), wallMs, view.pendingBatch));
  else lines.push('record: none');
  lines.push(
    `blocks: ${trace.inMemory} in memory, ${trace.fromDisk} from the disk (${trace.diskBytes} bytes)`,
    `time: ${us(tookMs)} in all, ${us(trace.diskMs)} of it for the disk, ${us(tookMs - trace.diskMs)} for the rest`,
  );
  return lines;
}

class Trace implements ReadTrace {
  readonly lines: string[] = [];
  inMemory = 0;
  fromDisk = 0;
  diskBytes = 0;
  diskMs = 0;
  readonly #said = new Set<string>();
  readonly #blocks = new Set<string>();

  memtable(frozen: number, verdict: string): void {
    this.#say(`${frozen === 0 ? 'memtable' : `frozen memtable ${frozen}`}: ${verdict}`);
  }

  recordCache(verdict: string): void {
    this.#say(`record cache: ${verdict}`);
  }

  table(number: number, rank: number, verdict: TableVerdict): void {
    this.#say(`table ${number} (${rank === 0 ? 'bottom' : `run ${rank}`}): ${verdict}`);
  }

  block(table: number, offset: number, bytes: number, source: 'memory' | 'disk', tookMs: number): void {
    const name = `${table} ${offset}`;
    if (source === 'memory') {
      if (!this.#blocks.has(name)) this.inMemory += 1;
      this.#blocks.add(name);
      return;
    }
    this.#blocks.add(name);
    this.fromDisk += 1;
    this.diskBytes += bytes;
    this.diskMs += tookMs;
    this.#say(`block of table ${table} at ${offset}: ${bytes} bytes from the disk in ${us(tookMs)}`);
  }

  /** A read that had to wait for the disk goes the same way again: each step is told once. */
  #say(line: string): void {
    if (this.#said.has(line)) return;
    this.#said.add(line);
    this.lines.push(line);
  }
}

function recordLines(record: TorcRecord, wallMs: number, pendingBatch: number): string[] {
  const lines = record.siblings.map((sibling, at) => {
    const what = sibling.tombstone === true ? 'deleted' : `${sibling.value.length} bytes`;
    const expiry = sibling.expiresAtMs === undefined ? '' : `, expires at ${sibling.expiresAtMs} ms`;
    const fate = isLive(sibling, wallMs) ? '' : sibling.tombstone === true ? '' : ' (expired)';
    return `${at === 0 ? 'winner' : 'sibling'}: dot (${sibling.dot.actor}, ${sibling.dot.stamp}), ${what}${expiry}${fate}`;
  });
  const clock = record.clock.map(({ actor, since, upto }) => `${actor}: ${since}..${upto}`).join(', ');
  lines.push(`clock: ${clock}`);
  lines.push(pendingBatch === 0 ? 'durable: yes' : `durable: not before batch ${pendingBatch} is synced`);
  return lines;
}

function us(ms: number): string {
  return `${Math.max(0, ms * 1000).toFixed(1)} us`;
}

function hexOf(position: number): string {
  return `0x${position.toString(16).padStart(8, '0')}`;
}
