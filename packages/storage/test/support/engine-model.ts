/**
 * What an engine should hold: a plain map of records, folded by record rules, that follows the engine's batches. It tells
 * which states a crash may leave, takes refused batches back, and lets go what a compaction may have forgotten.
 */
import assert from 'node:assert/strict';
import { compareBytes } from '@torc/base/bytes';
import { encodeRecord } from '@torc/base/record/codec';
import { isLive } from '@torc/base/record/fate';
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcRecord } from '@torc/base/record/record';
import type { LogListener } from '../../src/commit-log/commit-log.ts';
import type { ForgetRule } from '../../src/compaction/forget-rule.ts';
import type { Engine } from '../../src/engine.ts';
import { writeKeyPrefix } from '../../src/key.ts';
import { keyOf, recordUnder } from './world.ts';

export interface ModelKey {
  readonly name: string;
  readonly bucket: number;
  /** Bucket, position, key. */
  readonly bytes: Uint8Array;
}

export type Records = Map<ModelKey, TorcRecord>;

export function modelKey(name: string, bucket: number): ModelKey {
  const key = keyOf(name, bucket);
  const bytes = new Uint8Array(6 + name.length);
  writeKeyPrefix(bytes, 0, bucket, key.position);
  bytes.set(key.bytes, 6);
  return { name, bucket, bytes };
}

export class EngineModel implements LogListener {
  readonly keys: readonly ModelKey[];
  /** What a compaction may forget by now. */
  rule: () => ForgetRule = () => ({ horizon: 0, wallMs: 0 });
  records: Records = new Map();
  #durable: Records = new Map();
  /** Of every batch that is not known to be durable: what was there before it, oldest first. */
  #open: { readonly batch: number; readonly before: Records }[] = [];

  constructor(keys: readonly ModelKey[]) {
    this.keys = keys;
  }

  durable(batch: number): void {
    while (this.#open.length > 0 && (this.#open[0] as { batch: number }).batch <= batch) this.#open.shift();
    this.#durable = this.#open[0]?.before ?? new Map(this.records);
  }

  refused(batch: number): void {
    const at = this.#open.findIndex((one) => one.batch >= batch);
    if (at < 0) return;
    this.records = new Map(this.#open[at]?.before);
    this.#open.length = at;
  }

  stopped(error: Error): void {
    throw error;
  }

  /** Called with the engine's open batch when a record was published. */
  put(key: ModelKey, record: TorcRecord, batch: number, part: boolean): void {
    if (this.#open.at(-1)?.batch !== batch) this.#open.push({ batch, before: new Map(this.records) });
    const old = this.records.get(key);
    this.records.set(key, part && old !== undefined ? mergeRecords(old, record) : record);
  }

  /** What the engine shows under the key, agreed with; a key that was forgotten is forgotten here, too. */
  agree(engine: Engine, key: ModelKey): TorcRecord | undefined {
    const shown = recordUnder(engine, keyOf(key.name, key.bucket));
    const expected = this.records.get(key);
    if (shown === undefined && expected !== undefined && this.#mayBeForgotten(expected)) this.#forget(key);
    else assert.ok(same(shown, expected), `${key.bucket} ${key.name}: ${brief(shown)} instead of ${brief(expected)}`);
    return this.records.get(key);
  }

  agreeOnAll(engine: Engine): void {
    for (const key of this.keys) this.agree(engine, key);
  }

  agreeOnCounts(engine: Engine): void {
    for (const bucket of new Set(this.keys.map((key) => key.bucket))) {
      let values = 0;
      for (const [key, { siblings }] of this.records) {
        if (key.bucket === bucket && siblings[0]?.tombstone !== true) values += 1;
      }
      assert.equal(engine.valueCount(bucket), values, `values in bucket ${bucket}`);
    }
  }

  /** After a crash: some number of batches survived, in order, and every durable one. */
  survived(engine: Engine): void {
    const states = [this.#durable, ...this.#open.slice(1).map(({ before }) => before), this.records];
    const left = states.find((records) => this.keys.every((key) => this.#fits(engine, key, records.get(key))));
    if (left === undefined) {
      // The last of them says where it differs.
      this.records = new Map(states[0]);
      this.agreeOnAll(engine);
      assert.fail('no state between the durable one and the last');
    }
    this.records = new Map(left);
    this.#durable = new Map(left);
    this.#open = [];
  }

  sorted(): { readonly key: Uint8Array; readonly record: Uint8Array }[] {
    return [...this.records]
      .map(([key, record]) => ({ key: key.bytes, record: encodeRecord(record) }))
      .sort((a, b) => compareKeys(a.key, b.key));
  }

  #fits(engine: Engine, key: ModelKey, expected: TorcRecord | undefined): boolean {
    const shown = recordUnder(engine, keyOf(key.name, key.bucket));
    return same(shown, expected) || (shown === undefined && expected !== undefined && this.#mayBeForgotten(expected));
  }

  #mayBeForgotten({ siblings }: TorcRecord): boolean {
    const { horizon, wallMs } = this.rule();
    return siblings.every((sibling) => !isLive(sibling, wallMs) && sibling.dot.stamp <= horizon);
  }

  #forget(key: ModelKey): void {
    for (const records of [this.records, this.#durable, ...this.#open.map(({ before }) => before)]) records.delete(key);
  }
}

export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}

function same(a: TorcRecord | undefined, b: TorcRecord | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return compareKeys(encodeRecord(a), encodeRecord(b)) === 0;
}

function brief(record: TorcRecord | undefined): string {
  if (record === undefined) return 'nothing';
  return record.siblings.map(({ dot, tombstone }) => `${dot.actor}:${dot.stamp}${tombstone ? ' deleted' : ''}`).join();
}
