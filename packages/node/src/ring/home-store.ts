/**
 * The replica of this node as a home: what coordinators, here and elsewhere, ask of it. Everything settles only when what it
 * rests on is durable: no version is shown or acknowledged that a crash could take back.
 */
import { assert } from '@torc/base/assert';
import { Refusal } from '@torc/base/errors';
import type { Clock as RecordClock } from '@torc/base/record/clock';
import type { Dot } from '@torc/base/record/dot';
import type { TorcRecord } from '@torc/base/record/record';
import type { Probe } from '@torc/base/ports/probe';
import type { Engine } from '@torc/storage/engine';
import { EngineKey } from '@torc/storage/key';
import { NeedsDisk } from '@torc/storage/read/needs-disk';
import { RecordView } from '@torc/storage/read/record-view';
import type { Replica } from '../replica/replica.ts';
import type { NextVersion } from '../replica/views.ts';
import type { BatchWaits } from './batch-waits.ts';

/** A write that was begun here: in the log's open batch, and to be sent to the other homes. */
export interface Begun {
  readonly dot: Dot;
  /** The whole record with it. */
  readonly record: TorcRecord;
  /** Settles with `true` when it is durable here, `false` when it was taken back. */
  readonly isDurable: Promise<boolean>;
}

/** Told of every write that was begun here, with the record as it was before: for checkers. */
export type BeganListener = (
  bucket: number,
  key: Uint8Array,
  before: TorcRecord | undefined,
  begun: Begun,
  context: RecordClock | undefined,
) => void;

export interface HomeStoreParts {
  readonly engine: Engine;
  readonly replica: Replica;
  readonly waits: BatchWaits;
  readonly actor: number;
  readonly probe: Probe;
  readonly began?: BeganListener | undefined;
}

export class HomeStore {
  readonly #engine: Engine;
  readonly #replica: Replica;
  readonly #waits: BatchWaits;
  readonly #actor: number;
  readonly #began: BeganListener | undefined;
  readonly #awaitsDurable: boolean;
  readonly #view = new RecordView();

  constructor({ engine, replica, waits, actor, probe, began }: HomeStoreParts) {
    this.#engine = engine;
    this.#replica = replica;
    this.#waits = waits;
    this.#actor = actor;
    this.#began = began;
    this.#awaitsDurable = !probe.planted('stored-before-durable');
  }

  /** The key's record as far as it is durable; `undefined` when there is none. */
  async read(bucket: number, key: Uint8Array): Promise<TorcRecord | undefined> {
    for (;;) {
      const { record, pendingBatch } = await this.#atKey(bucket, key, (at) => this.#replica.recordNow(at));
      // What was taken back meanwhile was never there.
      if (await this.#waits.wait(pendingBatch)) return record;
    }
  }

  /** Merges what another home holds. A `Refusal` when there is no room for it. */
  async merge(bucket: number, key: Uint8Array, incoming: TorcRecord): Promise<void> {
    const batch = await this.#atKey(bucket, key, (at) => this.#replica.merge(at, incoming));
    if (this.#awaitsDurable && !(await this.#waits.wait(batch))) {
      throw new Refusal('disk-full', 'the disk is full: nothing was written');
    }
  }

  /** Begins a write. Throws a `Refusal`; then nothing changed. */
  async begin(bucket: number, key: Uint8Array, next: NextVersion, context?: RecordClock): Promise<Begun> {
    return this.#atKey(bucket, key, (at) => {
      this.#replica.prepare();
      const before = this.#began === undefined ? undefined : this.#replica.record(at);
      const stamp = context === undefined ? this.#replica.write(at, next) : this.#replica.writeSeen(at, next, context);
      const { record } = this.#replica.recordNow(at);
      assert(record !== undefined, 'what was just written is there');
      const isDurable = this.#waits.wait(this.#engine.openBatch);
      const begun = { dot: { actor: this.#actor, stamp }, record, isDurable };
      this.#began?.(bucket, key, before, begun, context);
      return begun;
    });
  }

  /** Runs `work` in one turn with what the key needs in memory. It does nothing before it has read the key. */
  async #atKey<T>(bucket: number, key: Uint8Array, work: (at: EngineKey) => T): Promise<T> {
    const at = new EngineKey().aim(bucket, key, 0, key.length);
    try {
      return work(at);
    } catch (error) {
      if (!(error instanceof NeedsDisk)) throw error;
    }
    await this.#engine.load([at], this.#view);
    return this.#engine.withLoaded(() => work(at));
  }
}
