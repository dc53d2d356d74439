/**
 * A checkpoint: every key's newest durable record in one framed file, so that older log segments can go. It bounds the log
 * until tables exist.
 *
 * It is named after the first log segment that it does not contain. Writes go on while it is written: what it catches of
 * them stands in that segment too. Entries that wait for their sync are not caught, but what they replaced is: a write
 * that a full disk refuses must not come back from here.
 */
import type { Memtable } from '../memtable/memtable.ts';
import { BatchBuffer } from '../commit-log/batch-buffer.ts';
import { ENTRY_WHOLE, stateEntry } from '../commit-log/entry.ts';
import { FILE_HEADER_BYTES, FRAME_END, FRAME_ENTRIES, sealFrame } from '../commit-log/frame.ts';
import { LogFile, type FilePorts } from '../commit-log/log-file.ts';
import { checkpointName } from '../commit-log/names.ts';

const FRAME_PAYLOAD_BYTES = 1024 * 1024;

export interface CheckpointSource {
  readonly memtable: Memtable;
  readonly state: ReadonlyMap<number, number>;
  /** The newest durable entry at or below `ref`, or 0. */
  durableRef(ref: number): number;
  /** Whether the record may be left out and forgotten: dead, and below the horizon. */
  isForgettable(ref: number): boolean;
}

export class CheckpointWriter {
  readonly #source: CheckpointSource;
  readonly #file: LogFile;
  readonly #buffer = new BatchBuffer();
  #batch = 1;

  constructor(ports: FilePorts, source: CheckpointSource, segment: number) {
    this.#source = source;
    this.#file = LogFile.create(ports, checkpointName(segment), {
      kind: 'checkpoint',
      number: segment,
      previousBytes: 0,
      firstBatch: 1,
    });
  }

  get endBytes(): number {
    return this.#file.endBytes;
  }

  async writeAll(): Promise<void> {
    for (const [name, value] of this.#source.state) this.#buffer.appendEncoded(stateEntry(name, value));
    await this.#flush();
    for (let table = 0; table < this.#source.memtable.tableCount; table += 1) await this.#writeTable(table);
    await this.#seal(FRAME_END);
  }

  /** Makes it durable under its name. */
  publish(): Promise<void> {
    return this.#file.publishLater();
  }

  close(): void {
    this.#file.close();
  }

  async #writeTable(table: number): Promise<void> {
    const { memtable } = this.#source;
    // Chosen in one turn: what is durable now is what the checkpoint holds, whatever becomes of newer entries.
    const refs: number[] = [];
    for (const newest of memtable.tableRefs(table)) {
      const ref = this.#source.durableRef(newest);
      if (ref === 0) continue;
      if (!this.#source.isForgettable(ref)) refs.push(ref);
      else if (ref === newest) memtable.drop(ref);
    }
    for (const ref of refs) {
      const recordAt = memtable.recordAt(ref);
      const end = recordAt + memtable.recordBytes(ref);
      this.#buffer.append(ENTRY_WHOLE, memtable.bytesOf(ref), memtable.keyAt(ref), recordAt, end);
      if (this.#buffer.payloadBytes >= FRAME_PAYLOAD_BYTES) await this.#flush();
    }
    await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#buffer.entries > 0) await this.#seal(FRAME_ENTRIES);
  }

  async #seal(type: number): Promise<void> {
    const { bytes, entries, payloadBytes } = this.#buffer;
    const fields = { type, batch: this.#batch, entries, payloadBytes, synced: FILE_HEADER_BYTES };
    const end = sealFrame(bytes, 0, fields, this.#file.seed);
    await this.#file.appendLater(bytes, 0, end);
    this.#buffer.clear();
    this.#batch += 1;
  }
}
