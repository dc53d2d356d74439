/** One random life after another of an engine with random small settings, beside its model. */
import assert from 'node:assert/strict';
import { Refusal } from '@torc/base/errors';
import type { PlantedBug } from '@torc/base/ports/probe';
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcRecord } from '@torc/base/record/record';
import { writeRecord, type NewVersion } from '@torc/base/record/write';
import { LOSS_MODES } from '@torc/sim/disk/loss';
import { SimRandom } from '@torc/sim/random';
import type { Engine } from '../../src/engine.ts';
import type { EngineOptions } from '../../src/options.ts';
import { AT_END, AT_ENTRY, NEEDS_DISK, type Cursor, type CursorCode } from '../../src/read/cursor.ts';
import { NEEDS_LOAD } from '../../src/read/needs-disk.ts';
import { RecordView } from '../../src/read/record-view.ts';
import type { Snapshot } from '../../src/read/snapshot.ts';
import { compareKeys, EngineModel, modelKey, type ModelKey } from './engine-model.ts';
import { keyOf, put, World } from './world.ts';

const BUCKETS = [0, 1, 0xff01];
const NAMES = [
  '',
  '__proto__',
  '{t}a',
  '{t}b',
  '{t}',
  'x'.repeat(300),
  ...Array.from({ length: 30 }, (_, n) => `key ${n}`),
];
export const KEYS: readonly ModelKey[] = NAMES.map((name, n) => modelKey(name, BUCKETS[n % 3] as number));

type Shown = ReturnType<EngineModel['sorted']>;

interface OpenSnapshot {
  readonly snapshot: Snapshot;
  readonly shown: Shown;
  readonly cursor: Cursor;
  at: number;
}

export function randomOptions(random: SimRandom): Partial<EngineOptions> {
  return {
    segmentBytes: random.pick([300, 3000, 50_000]),
    aheadBytes: random.pick([0, 1000]),
    reserveBytes: random.pick([0, 20_000]),
    memoryBytes: random.pick([1, 1 << 16, 1 << 22]),
    memtableBytes: random.pick([4096, 16_384, 65_536]),
    logBytes: random.pick([3000, 30_000, 1 << 20]),
    blockBytes: random.pick([64, 256, 1000, 4096]),
    filterBitsPerKey: random.pick([0, 1, 4, 10, 12]),
    codec: random.pick([0, 1]),
    bottomCodec: random.pick([0, 1]),
    tableBytes: random.pick([500, 2000, 20_000]),
    tierRuns: 2 + random.below(3),
    upperShare: 0.1 + 0.9 * random.fraction(),
    compactionBytesPerSecond: random.pick([0, 0, 50_000]),
  };
}

export class EngineRun {
  readonly world: World;
  readonly model = new EngineModel(KEYS);
  readonly #random: SimRandom;
  readonly #options: Partial<EngineOptions>;
  readonly #forgets: boolean;
  /** What another replica holds of each key: it comes as parts. */
  readonly #remote = new Map<ModelKey, TorcRecord>();
  readonly #state = new Map<number, number>();
  #engine: Engine | undefined;
  #snapshots: OpenSnapshot[] = [];
  #stamp = 0;

  constructor(seed: number, planted: readonly PlantedBug[] = []) {
    this.#random = new SimRandom(seed);
    const cruelty = this.#random.pick([0, 0.3, 1]);
    const jobMs = this.#random.pick([
      [0, 1],
      [0, 30],
    ] as const);
    this.world = new World({ seed, cruelty, jobMs, planted, faults: { shortWrites: 0.1 } });
    this.#options = randomOptions(this.#random);
    // Where things are forgotten none arrive in parts: what a part would have been merged with may be gone.
    this.#forgets = this.#random.chance(0.5);
    if (this.#forgets) this.model.rule = () => ({ horizon: this.#stamp - 20, wallMs: this.world.clock.wallMs() });
  }

  async go(lives: number): Promise<void> {
    for (let life = 0; life < lives; life += 1) {
      this.#engine = await this.world.open(this.#options, this.model);
      this.#engine.forgets(() => this.model.rule());
      this.model.survived(this.#engine);
      await this.#check();
      for (let turn = this.#random.below(40); turn > 0; turn -= 1) await this.#turn();
      await this.#check();
      for (const open of this.#snapshots) await this.#walkAll(open);
      await this.#stop(life);
    }
  }

  get #live(): Engine {
    return this.#engine as Engine;
  }

  async #turn(): Promise<void> {
    const random = this.#random;
    for (let n = random.below(8); n > 0; n -= 1) await this.#write();
    if (random.chance(0.05)) this.#setState();
    if (random.chance(0.06)) void this.#live.flush();
    if (random.chance(0.03)) await this.world.scheduler.settle(this.#live.flush());
    if (random.chance(0.03)) await this.world.scheduler.settle(this.#live.compact());
    if (random.chance(0.08)) this.#takeSnapshot();
    if (random.chance(0.2)) await this.#walkOn();
    if (random.chance(0.05)) this.#closeSnapshot();
    if (random.chance(0.03)) this.#squeeze();
    if (random.chance(0.1)) this.model.agreeOnAll(this.#live);
    await this.world.scheduler.runFor(random.pick([0, 1, 1, 5, 50, 1200]));
  }

  async #write(): Promise<void> {
    const key = this.#random.pick(KEYS);
    await this.#load(key);
    const engine = this.#live;
    const local = this.model.agree(engine, key);
    this.#stamp += 1;
    const version = this.#version();
    const part = !this.#forgets && this.#random.chance(0.15);
    const record = part ? this.#remoteWrite(key, local, version) : this.#localWrite(local, version);
    try {
      put(engine, keyOf(key.name, key.bucket), record, { part });
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'stopped') throw error;
      return;
    }
    if (part) this.#remote.set(key, record);
    this.model.put(key, record, engine.openBatch, part);
  }

  #version(): NewVersion {
    const random = this.#random;
    if (random.chance(0.25)) return { tombstone: true, value: new Uint8Array(0) };
    const value = new Uint8Array(random.chance(0.05) ? random.below(3000) : random.below(80)).fill(this.#stamp);
    if (!random.chance(0.3)) return { value };
    return { value, expiresAtMs: this.world.clock.wallMs() + random.pick([1, 100, 5000, 1_000_000]) };
  }

  #localWrite(local: TorcRecord | undefined, version: NewVersion): TorcRecord {
    return writeRecord(local, version, { actor: 1, stamp: this.#stamp }, { lineageFloor: 0 });
  }

  #remoteWrite(key: ModelKey, local: TorcRecord | undefined, version: NewVersion): TorcRecord {
    let remote = this.#remote.get(key);
    if (local !== undefined && this.#random.chance(0.3)) {
      remote = remote === undefined ? local : mergeRecords(remote, local);
    }
    return writeRecord(remote, version, { actor: 2, stamp: this.#stamp }, { lineageFloor: 0 });
  }

  /** The way of a caller: ask, and where the answer lies on the disk, load and ask again in that turn. */
  async #load(key: ModelKey): Promise<void> {
    const engine = this.#live;
    const view = new RecordView();
    const aimed = keyOf(key.name, key.bucket);
    try {
      engine.read(aimed, view);
    } catch (error) {
      if (error !== NEEDS_LOAD) throw error;
      const loaded = engine.load([aimed], view).then(() => engine.withLoaded(() => engine.read(aimed, view)));
      await this.world.scheduler.settle(loaded);
    }
  }

  #setState(): void {
    const name = this.#random.below(4);
    const value = this.#random.pick([0, 1, Number.MAX_SAFE_INTEGER, this.#random.uint32()]);
    if (this.#live.setState(name, value)) this.#state.set(name, value);
  }

  /** Little room on the disk, or as much as one likes again. */
  #squeeze(): void {
    const { disk } = this.world;
    const isTight = Number.isFinite(disk.capacityBytes);
    disk.capacityBytes = isTight ? Number.POSITIVE_INFINITY : disk.usedBytes() + this.#random.below(20_000);
  }

  #takeSnapshot(): void {
    if (this.#snapshots.length >= 3) return;
    // A tombstone that was forgotten may still be cached: then a read finds it, and a snapshot does not.
    this.#live.parts.records.clear();
    this.model.agreeOnAll(this.#live);
    const snapshot = this.#live.snapshots.take();
    this.#snapshots.push({ snapshot, shown: this.model.sorted(), cursor: snapshot.cursor(), at: -1 });
  }

  #closeSnapshot(): void {
    if (this.#snapshots.length === 0) return;
    const [closed] = this.#snapshots.splice(this.#random.below(this.#snapshots.length), 1);
    closed?.snapshot.close();
  }

  async #walkOn(): Promise<void> {
    if (this.#snapshots.length === 0) return;
    const open = this.#random.pick(this.#snapshots);
    for (let n = 0; n < 8; n += 1) {
      if (open.at < 0 || open.at >= open.shown.length) await this.#seek(open);
      else if (this.#random.chance(0.5)) await this.#step(open, 1);
      else await this.#step(open, -1);
    }
  }

  async #walkAll(open: OpenSnapshot): Promise<void> {
    const { cursor, shown } = open;
    await this.#expect(open, () => cursor.seek(NO_KEY, 0, 0), 0);
    for (let at = 1; at <= shown.length; at += 1) await this.#expect(open, () => cursor.next(), at);
    await this.#expect(open, () => cursor.seekBelow(HIGHEST, 0, HIGHEST.length), shown.length - 1);
    for (let at = shown.length - 2; at >= -1; at -= 1) await this.#expect(open, () => cursor.previous(), at);
  }

  async #seek(open: OpenSnapshot): Promise<void> {
    const { bytes } = this.#random.pick(KEYS);
    const target = this.#random.chance(0.3) ? bytes.subarray(0, this.#random.below(bytes.length)) : bytes;
    const below = open.shown.filter(({ key }) => compareKeys(key, target) < 0).length;
    if (this.#random.chance(0.5)) await this.#expect(open, () => open.cursor.seek(target, 0, target.length), below);
    else await this.#expect(open, () => open.cursor.seekBelow(target, 0, target.length), below - 1);
  }

  async #step(open: OpenSnapshot, by: 1 | -1): Promise<void> {
    await this.#expect(open, () => (by === 1 ? open.cursor.next() : open.cursor.previous()), open.at + by);
  }

  async #expect(open: OpenSnapshot, call: () => CursorCode, at: number): Promise<void> {
    const { cursor, shown } = open;
    let code = call();
    for (let loads = 0; code === NEEDS_DISK; loads += 1) {
      assert.ok(loads < 200, 'a walk gets on');
      await this.world.scheduler.settle(this.#live.provide(cursor));
      code = call();
    }
    open.at = at;
    const held = shown[at];
    if (held === undefined) {
      assert.equal(code, AT_END);
      open.at = -1;
      return;
    }
    assert.equal(code, AT_ENTRY);
    const { keyBytes, keyStart, keyEnd, recordBytes, recordStart, recordEnd } = cursor;
    const shownKey = keyBytes.subarray(keyStart, keyEnd);
    assert.equal(
      hexOf(shownKey),
      hexOf(held.key),
      `another key than the ${at}th of ${shown.length}, snapshot of batch ${open.snapshot.batch}`,
    );
    assert.equal(compareKeys(recordBytes.subarray(recordStart, recordEnd), held.record), 0, 'another record');
  }

  async #check(): Promise<void> {
    const engine = this.#live;
    if (this.#forgets) {
      await this.world.scheduler.settle(engine.parts.flusher.settle());
      await this.world.scheduler.settle(engine.parts.compactor.settle());
    }
    this.model.agreeOnAll(engine);
    this.model.agreeOnCounts(engine);
    for (const [name, value] of this.#state) assert.equal(engine.state(name), value);
  }

  async #stop(life: number): Promise<void> {
    const { scheduler, disk } = this.world;
    const how = this.#random.pick(['clean', 'process', ...LOSS_MODES] as const);
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    if (how === 'clean') {
      for (const { snapshot } of this.#snapshots) snapshot.close();
      await scheduler.settle(this.#live.close());
    }
    this.#snapshots = [];
    if (how === 'process') this.world.restartProcess();
    else this.world.restart(how === 'clean' ? 'dropped' : how, String(life));
    this.world.disk.faults.set({ shortWrites: 0.1 });
  }
}

const NO_KEY = new Uint8Array(0);
const HIGHEST = new Uint8Array(7).fill(0xff);

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
