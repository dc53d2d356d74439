/**
 * An engine alone, through puts, parts that arrive as from a transfer, flushes, compactions, restarts and snapshots held
 * over all that, against a map that is folded by the record rules. Everything is committed at once, so a crash between two
 * steps, while jobs run, takes nothing away: the answer is known exactly.
 *
 * In a run with flips bytes of tables are damaged on the way: then a read may say "damaged", and never anything wrong.
 */
import { InvariantError } from '@torc/base/assert';
import { asciiBytes } from '@torc/base/bytes';
import { CodecError, DamageError, DiskError } from '@torc/base/errors';
import type { PlantedBug } from '@torc/base/ports/probe';
import { decodeRecord, encodedBytes, encodeRecordInto } from '@torc/base/record/codec';
import { isLive } from '@torc/base/record/fate';
import { highestStamp } from '@torc/base/record/clock';
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcRecord } from '@torc/base/record/record';
import { writeRecord } from '@torc/base/record/write';
import { ADDS_VALUE, REMOVES_VALUE, SAME_VALUES } from '@torc/storage/commit-log/entry';
import { Engine } from '@torc/storage/engine';
import type { Snapshot } from '@torc/storage/read/snapshot';
import { EngineKey, KEY_PREFIX_BYTES } from '@torc/storage/key';
import type { EngineOptions } from '@torc/storage/options';
import { AT_END, NEEDS_DISK, type Cursor } from '@torc/storage/read/cursor';
import { NeedsDisk } from '@torc/storage/read/needs-disk';
import { RecordView } from '@torc/storage/read/record-view';
import { SimClock } from '../clock.ts';
import { Crash } from '../crash.ts';
import { SimDisk } from '../disk/disk.ts';
import { SimProbe } from '../probe.ts';
import { SimRandom } from '../random.ts';
import { Scheduler } from '../scheduler.ts';
import type { Settle } from './as-a-door.ts';
import { drawEngineOptions, enginePorts } from './engine-setting.ts';

export interface EngineRunOptions {
  readonly seed: number;
  readonly steps: number;
  /** Damages tables on the way. */
  readonly flips: boolean;
  readonly planted?: readonly PlantedBug[];
}

export interface EngineRunResult {
  readonly violations: readonly string[];
  readonly reached: ReadonlyMap<string, number>;
  /** Answers that were "damaged". */
  readonly damaged: number;
}

const KEYS = 40;
const BUCKET = 0;
const SELF = 1;
const SILENT = { durable(): void {}, refused(): void {}, stopped(): void {} };

/** What a key answers: its live versions, by dot. */
type Answers = ReadonlyMap<string, string>;

interface HeldSnapshot {
  readonly snapshot: Snapshot;
  readonly cursor: Cursor;
  /** By key, as it was when it was taken. */
  readonly expected: ReadonlyMap<string, Answers>;
  readonly takenMs: number;
  readonly shown: Map<string, TorcRecord>;
  begun: boolean;
  ended: boolean;
}

export class EngineRun {
  readonly #options: EngineRunOptions;
  readonly #random: SimRandom;
  readonly #scheduler = new Scheduler();
  readonly #probe: SimProbe;
  readonly #settings: EngineOptions;
  readonly #model = new Map<number, TorcRecord>();
  readonly #violations: string[] = [];
  readonly #view = new RecordView();
  #clock: SimClock;
  #disk: SimDisk;
  #held: HeldSnapshot | undefined;
  #stamp = 1;
  #lives = 0;
  #damaged = 0;
  #flipped = false;

  constructor(options: EngineRunOptions) {
    this.#options = options;
    this.#random = new SimRandom(options.seed).fork('engine run');
    const random = this.#random.fork('probe');
    this.#probe = new SimProbe({ random, cruelty: 0.2, planted: options.planted ?? [] });
    const drawn = drawEngineOptions(this.#random.fork('settings'));
    // Small tables, so that the bottom is many and a sweep over it takes steps.
    this.#settings = { ...drawn, tableBytes: 1024, scrubBytesPerSecond: 0 };
    this.#clock = new SimClock(this.#scheduler, { wallStartMs: 1_800_000_000_000 });
    this.#disk = new SimDisk({ clock: this.#clock, random: this.#random.fork('disk') });
  }

  async run(): Promise<EngineRunResult> {
    let left = this.#options.steps;
    while (left > 0 && this.#violations.length === 0) {
      const before = left;
      left = await this.#live(left);
      // A start that was refused for damage ends the run.
      if (left === before) break;
    }
    return { violations: this.#violations, reached: this.#probe.counts, damaged: this.#damaged };
  }

  async #live(steps: number): Promise<number> {
    this.#lives += 1;
    const clock = this.#clock;
    const disk = this.#disk;
    disk.onCrash(() => clock.kill());
    const settle: Settle = (work) => this.#scheduler.settle(disk.alive(work));
    let left = steps;
    try {
      const random = this.#random.fork(`life ${this.#lives}`);
      const ports = enginePorts({ clock, disk, random, probe: this.#probe });
      const engine = await settle(Engine.open(ports, this.#settings, SILENT));
      engine.forgets(() => ({ horizon: this.#stamp, wallMs: clock.wallMs() }));
      await this.#judgeAll(engine, settle, `after start ${this.#lives}`);
      let goesOn = true;
      while (goesOn && left > 0 && this.#violations.length === 0) {
        left -= 1;
        goesOn = await this.#step(engine, random, settle);
      }
      if (this.#violations.length === 0) await this.#finishWalk(engine, settle);
      if (this.#violations.length === 0) await this.#judgeAll(engine, settle, 'at the end of a life');
      if (random.chance(0.5)) await settle(engine.close());
    } catch (error) {
      if (!(error instanceof Crash)) this.#explain(error);
    }
    this.#held = undefined;
    this.#clock = new SimClock(this.#scheduler, { wallStartMs: clock.wallMs() });
    this.#disk = disk.restart('dropped', { label: String(this.#lives), clock: this.#clock });
    return left;
  }

  /** Whether this life goes on. */
  async #step(engine: Engine, random: SimRandom, settle: Settle): Promise<boolean> {
    const dice = random.below(100);
    if (dice < 45) for (let n = 1 + random.below(6); n > 0; n -= 1) await this.#put(engine, random, settle);
    else if (dice < 60) await this.#judgeKey(engine, random.below(KEYS), settle);
    else if (dice < 72) await this.#scheduler.runFor(random.chance(0.1) ? 1500 : random.fraction() * 8);
    else if (dice < 80) await settle(engine.flush());
    else if (dice < 84) await settle(engine.compact());
    else if (dice < 95) await this.#goOnWalking(engine, random, settle);
    else if (dice < 97 && this.#options.flips) this.#flip(random);
    else return dice < 98;
    return true;
  }

  /** A write of this home, a deletion, or a part: a version that another home wrote, having seen nothing or everything. */
  async #put(engine: Engine, random: SimRandom, settle: Settle): Promise<void> {
    const number = random.below(random.chance(0.5) ? 8 : KEYS);
    const key = engineKey(number);
    const before = await this.#read(engine, key, settle, true);
    if (before === 'damaged') return;
    this.#stamp = Math.max(this.#stamp, highestStamp(before?.clock ?? [])) + 1;
    const isPart = random.chance(0.4);
    const seen = !isPart || random.chance(0.3) ? before : undefined;
    const dot = { actor: isPart ? 2 + random.below(2) : SELF, stamp: this.#stamp };
    const value = asciiBytes(`${number}:${this.#stamp}:${'v'.repeat(random.below(150))}`);
    const deletes = !isPart && random.chance(0.15);
    const version = deletes
      ? { value: new Uint8Array(0), tombstone: true as const }
      : { value, ...(!isPart && random.chance(0.1) ? { expiresAtMs: this.#clock.wallMs() + random.below(60) } : {}) };
    const record = writeRecord(seen, version, dot, { lineageFloor: 0 });
    const after = isPart && before !== undefined ? mergeRecords(before, record) : record;
    const change = changeOf(before, after);
    // Looked up again: the load took its time, and what was found may have moved.
    engine.withLoaded(() => engine.read(key, this.#view));
    // A memtable holds no part above what it has.
    const staysPart = isPart && this.#view.ref === 0;
    const stored = staysPart ? record : after;
    const ref = engine.stage(key, this.#view, encodedBytes(stored), false);
    encodeRecordInto(stored, engine.bytesOf(ref), engine.recordAt(ref));
    if (staysPart) engine.publishPart(ref, key, this.#view, change);
    else engine.publish(ref, key, this.#view, change);
    engine.commitNow();
    const old = this.#model.get(number);
    this.#model.set(number, isPart && old !== undefined ? mergeRecords(old, record) : record);
  }

  /** What the engine shows; `again`: it will be read once more in this turn. */
  async #read(
    engine: Engine,
    key: EngineKey,
    settle: Settle,
    again = false,
  ): Promise<TorcRecord | undefined | 'damaged'> {
    const view = this.#view;
    const look = (): TorcRecord | undefined =>
      engine.read(key, view) ? decodeRecord(view.bytes, view.start, view.end) : undefined;
    try {
      try {
        if (!again) return look();
      } catch (error) {
        if (!(error instanceof NeedsDisk)) throw error;
      }
      await settle(engine.load([key], view));
      return engine.withLoaded(look);
    } catch (error) {
      if (error instanceof CodecError) {
        this.#violations.push(`a read shows bytes that are no record: ${error.message}`);
        return 'damaged';
      }
      if (!(error instanceof DamageError) || !this.#flipped) throw error;
      this.#damaged += 1;
      return 'damaged';
    }
  }

  async #judgeKey(engine: Engine, number: number, settle: Settle): Promise<TorcRecord | undefined | 'damaged'> {
    const record = await this.#read(engine, engineKey(number), settle);
    if (record === 'damaged') return record;
    const wallMs = this.#clock.wallMs();
    const problem = difference(answersOf(record, wallMs), answersOf(this.#model.get(number), wallMs));
    if (problem !== undefined) this.#violations.push(`key ${number}: ${problem}`);
    return record;
  }

  async #judgeAll(engine: Engine, settle: Settle, where: string): Promise<void> {
    let values = 0;
    let damaged = false;
    for (let number = 0; number < KEYS; number += 1) {
      const record = await this.#judgeKey(engine, number, settle);
      if (record === 'damaged') damaged = true;
      else if (isValue(record)) values += 1;
    }
    // Counted in one turn would be exact; between two reads a compaction may forget what had expired.
    if (damaged || this.#probe.counts.get('compacted-into-the-bottom') !== undefined) return;
    const counted = engine.valueCount(BUCKET);
    if (counted !== values) this.#violations.push(`${where} it counts ${counted} values, and shows ${values}`);
  }

  /** Takes a snapshot, or goes on with the one that is held, or ends it. */
  async #goOnWalking(engine: Engine, random: SimRandom, settle: Settle): Promise<void> {
    if (this.#held === undefined) {
      const takenMs = this.#clock.wallMs();
      const snapshot = engine.snapshots.take();
      const expected = new Map<string, Answers>();
      for (const [number, record] of this.#model) expected.set(keyText(number), answersOf(record, takenMs));
      const cursor = snapshot.cursor();
      this.#held = { snapshot, cursor, expected, takenMs, shown: new Map(), begun: false, ended: false };
    }
    if (random.chance(0.3)) await this.#finishWalk(engine, settle);
    else await this.#walk(engine, this.#held, random.below(12), settle);
  }

  async #walk(engine: Engine, held: HeldSnapshot, entries: number, settle: Settle): Promise<void> {
    const { cursor, shown } = held;
    const none = new Uint8Array(0);
    for (let left = entries; left > 0 && !held.ended; ) {
      const code = held.begun ? cursor.next() : cursor.seek(none, 0, 0);
      if (code === NEEDS_DISK) {
        await settle(engine.provide(cursor));
        continue;
      }
      held.begun = true;
      left -= 1;
      held.ended = code === AT_END;
      if (held.ended) break;
      const key = String.fromCharCode(...cursor.keyBytes.subarray(cursor.keyStart + KEY_PREFIX_BYTES, cursor.keyEnd));
      if (shown.has(key)) this.#violations.push(`a snapshot shows ${key} twice`);
      shown.set(key, decodeRecord(cursor.recordBytes, cursor.recordStart, cursor.recordEnd));
    }
  }

  async #finishWalk(engine: Engine, settle: Settle): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    try {
      await this.#walk(engine, held, Number.POSITIVE_INFINITY, settle);
    } catch (error) {
      if (!(error instanceof DamageError) || !this.#flipped) throw error;
      this.#damaged += 1;
      return;
    } finally {
      held.snapshot.close();
    }
    for (const [key, expected] of held.expected) {
      const problem = difference(answersOf(held.shown.get(key), held.takenMs), expected);
      if (problem !== undefined) this.#violations.push(`a snapshot, key ${key}: ${problem}`);
    }
    for (const key of held.shown.keys()) {
      if (!held.expected.has(key)) this.#violations.push(`a snapshot shows ${key}, which was not there yet`);
    }
  }

  #flip(random: SimRandom): void {
    const tables = this.#disk.inspect().filter(({ path }) => /^table-\d+$/.test(path));
    if (tables.length === 0) return;
    const { path, sizeBytes } = random.pick(tables);
    this.#disk.flipBit(path, random.below(sizeBytes), random.below(8));
    this.#flipped = true;
  }

  #explain(error: unknown): void {
    if (error instanceof DamageError) {
      if (this.#flipped) this.#damaged += 1;
      else this.#violations.push(`damage without a flip: ${error.message}`);
    } else if (error instanceof InvariantError) {
      this.#violations.push(`an invariant broke: ${error.message}`);
    } else if (error instanceof DiskError) {
      this.#violations.push(`the disk did nothing wrong: ${error.message}`);
    } else {
      throw error;
    }
  }
}

function keyText(number: number): string {
  return `k${number}`;
}

function engineKey(number: number): EngineKey {
  const bytes = asciiBytes(keyText(number));
  return new EngineKey().aim(BUCKET, bytes, 0, bytes.length);
}

/** Expired versions and deletions answer nothing, whether they are still there or forgotten. */
function answersOf(record: TorcRecord | undefined, wallMs: number): Answers {
  const live = (record?.siblings ?? []).filter((sibling) => isLive(sibling, wallMs));
  return new Map(live.map(({ dot, value }) => [`${dot.actor}@${dot.stamp}`, String.fromCharCode(...value)]));
}

function difference(shown: Answers, expected: Answers): string | undefined {
  for (const [dot, value] of expected) {
    const other = shown.get(dot);
    if (other === undefined) return `it lacks the version ${dot}`;
    if (other !== value) return `the version ${dot} answers ${other}, not ${value}`;
  }
  for (const dot of shown.keys()) if (!expected.has(dot)) return `it shows ${dot}, which is gone or was never there`;
  return undefined;
}

function isValue(record: TorcRecord | undefined): boolean {
  const winner = record?.siblings[0];
  return winner !== undefined && winner.tombstone !== true;
}

function changeOf(before: TorcRecord | undefined, after: TorcRecord): number {
  if (isValue(before) === isValue(after)) return SAME_VALUES;
  return isValue(after) ? ADDS_VALUE : REMOVES_VALUE;
}
