/**
 * Every crash point of a manifest's life, in every way to lose what was not synced: after reopening the contents are those
 * of the last durable edit, or with the one that was under way.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlantedBug } from '@torc/base/ports/probe';
import { Crash } from '@torc/sim/crash';
import { LOSS_MODES, type LossMode } from '@torc/sim/disk/loss';
import { CRASH_MOMENTS, type CrashPoint } from '@torc/sim/disk/operations';
import { SimProbe } from '@torc/sim/probe';
import { manifestNumbers } from '../../src/commit-log/names.ts';
import type { FilePorts } from '../../src/commit-log/log-file.ts';
import { applyEdit } from '../../src/manifest/contents.ts';
import type { ManifestContents, VersionEdit } from '../../src/manifest/edit.ts';
import { World } from '../support/world.ts';
import { EDITS, open, table } from './bench.ts';

type Loss = LossMode | 'process';
const LOSSES: readonly Loss[] = [...LOSS_MODES, 'process'];

/** Flushes and compactions of the same few tables: the file grows, the snapshot does not. */
const CHURN: readonly VersionEdit[] = Array.from({ length: 20 }, (_, at) => ({
  put: [table(10 + at)],
  removed: [9 + at],
  logFloor: 10 + at,
}));

/** Lives of the script: each begins with a start and ends with a clean close. */
const LIVES: readonly (readonly VersionEdit[])[] = [EDITS.slice(0, 2), EDITS.slice(2), CHURN];
const ROLL_ABOVE_BYTES = 100;

class CrashRun {
  readonly world = new World({ faults: { shortWrites: 0.2, writeBack: 0.3 } });
  readonly violations: string[] = [];
  rolls = 0;
  readonly #planted: readonly PlantedBug[];
  /** What was told to be durable, and that with the edit under way. */
  #durable: ManifestContents | undefined;
  #issued: ManifestContents | undefined;

  constructor(planted: readonly PlantedBug[]) {
    this.#planted = planted;
  }

  ports(): FilePorts {
    const random = this.world.random.fork('planted');
    return { ...this.world.ports(), probe: new SimProbe({ random, cruelty: 0, planted: this.#planted }) };
  }

  /** The script up to its end or its crash. Returns how many operations it took. */
  async live(crash?: CrashPoint): Promise<number> {
    const { world } = this;
    world.disk.onCrash(() => world.clock.kill());
    world.disk.armCrash(crash);
    try {
      for (const edits of LIVES) await this.#life(edits);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    return world.disk.operations;
  }

  async #life(edits: readonly VersionEdit[]): Promise<void> {
    const { manifest } = open(this.world, { ports: this.ports(), rollAboveBytes: ROLL_ABOVE_BYTES });
    const firstNumber = manifest.number;
    this.#durable ??= manifest.contents;
    for (const edit of edits) {
      this.#issued = applyEdit(manifest.contents, edit);
      await this.world.scheduler.settle(this.world.disk.alive(manifest.append(edit)));
      this.#durable = manifest.contents;
    }
    await this.world.scheduler.settle(this.world.disk.alive(manifest.settle()));
    manifest.close();
    this.rolls += manifest.number - firstNumber;
  }

  /** Loses, opens again, and again with everything unsynced lost: what was read once must stay. */
  judge(loss: Loss): void {
    this.#lose(loss);
    const first = this.#open();
    if (first === undefined) return;
    const expected = [this.#durable, this.#issued].filter((each) => each !== undefined);
    if (this.#durable !== undefined && !expected.some((each) => sameTables(each, first))) {
      this.violations.push(`found ${describe(first)}, not ${expected.map(describe).join(' or ')}`);
    }
    const left = manifestNumbers(this.world.names());
    if (left.length !== 1) this.violations.push(`manifests ${left.join()} are left`);
    this.#lose('dropped');
    const second = this.#open();
    if (second !== undefined && !sameTables(first, second)) this.violations.push('what was read once has changed');
  }

  #lose(loss: Loss): void {
    if (loss === 'process') this.world.restartProcess();
    else this.world.restart(loss);
  }

  #open(): ManifestContents | undefined {
    try {
      return open(this.world, { ports: this.ports() }).manifest.contents;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.violations.push(error.message);
      return undefined;
    }
  }
}

async function enumerate(
  planted: readonly PlantedBug[],
): Promise<{ points: number; rolls: number; violations: string[] }> {
  const whole = new CrashRun(planted);
  const operations = await whole.live();
  const violations: string[] = [];
  let points = 0;
  for (let operation = 1; operation <= operations; operation += 1) {
    for (const moment of CRASH_MOMENTS) {
      for (const loss of LOSSES) {
        const run = new CrashRun(planted);
        await run.live({ operation, moment });
        run.judge(loss);
        points += 1;
        if (planted.length > 0 && run.violations.length > 0)
          return { points, rolls: whole.rolls, violations: run.violations };
        for (const what of run.violations) violations.push(`${moment} operation ${operation}, ${loss}: ${what}`);
      }
    }
  }
  return { points, rolls: whole.rolls, violations };
}

test('after every crash the last durable edit is there, or the one that was under way', async () => {
  const { points, rolls, violations } = await enumerate([]);
  assert.deepEqual(violations, []);
  assert.ok(rolls >= 2, `${rolls} rolls`);
  assert.ok(points > 1500, `${points} points`);
});

test('the enumeration sees a rename whose directory is not synced, and a short write that is not continued', async () => {
  for (const bug of ['directory-not-synced', 'short-write-not-continued'] as const) {
    const { violations } = await enumerate([bug]);
    assert.ok(violations.length > 0, bug);
  }
});

function describe(contents: ManifestContents): string {
  return `tables ${[...contents.tables.keys()].join()} floor ${contents.logFloor}`;
}

function sameTables(a: ManifestContents, b: ManifestContents): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch (error) {
    if (error instanceof assert.AssertionError) return false;
    throw error;
  }
}
