/**
 * An error at the n-th call of each kind, for n = 1, 2, 3 ... until nothing fails any more, under a workload with flushes
 * and compactions: nothing acknowledged is lost, the engine goes on or refuses clearly, and opens again by itself.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskError, Refusal } from '@torc/base/errors';
import type { SimDisk } from '@torc/sim/disk/disk';
import type { OperationKind } from '@torc/sim/disk/faults';
import type { Engine } from '../../src/engine.ts';
import { Events, keyOf, put, recordOf, valueUnder, World } from '../support/world.ts';

const OPTIONS = {
  segmentBytes: 2000,
  memtableBytes: 3000,
  tableBytes: 1000,
  tierRuns: 2,
  blockBytes: 200,
  memoryBytes: 1,
  reserveBytes: 4000,
} as const;
const ROUNDS = 24;
const KINDS: readonly OperationKind[] = [
  'open',
  'create',
  'rename',
  'remove',
  'syncDirectory',
  'write',
  'sync',
  'truncate',
  'read',
  'list',
];

interface Told {
  readonly engine: Engine | undefined;
  /** By key: what is acknowledged, and what may be there instead. */
  readonly acknowledged: Map<string, string>;
  readonly tried: Map<string, Set<string>>;
}

async function work(world: World, events: Events): Promise<Told> {
  const acknowledged = new Map<string, string>();
  const tried = new Map<string, Set<string>>();
  let engine: Engine | undefined;
  try {
    engine = await world.open(OPTIONS, events);
    for (let n = 0; n < ROUNDS; n += 1) {
      const name = `key ${n % 7}`;
      const value = `${n}:${'v'.repeat(200 + n)}`;
      const batch = engine.openBatch;
      put(engine, keyOf(name), recordOf(n + 1, value));
      tried.set(name, (tried.get(name) ?? new Set()).add(value));
      await world.scheduler.runFor(n % 5 === 0 ? 1500 : 3);
      const refused = events.lines.includes(`refused ${batch}`);
      if (engine.durableBatch >= batch && !refused) {
        acknowledged.set(name, value);
        tried.set(name, new Set());
      }
    }
    await world.scheduler.settle(engine.compact());
  } catch (error) {
    assert.ok(error instanceof DiskError || error instanceof Refusal, `a clear refusal: ${String(error)}`);
  }
  return { engine, acknowledged, tried };
}

function check(engine: Engine, { acknowledged, tried }: Told, when: string): void {
  for (const [name, value] of acknowledged) {
    const found = valueUnder(engine, name);
    assert.ok(
      found === value || (found !== undefined && tried.get(name)?.has(found)),
      `${name} ${when}: ${found?.slice(0, 5)}`,
    );
  }
}

for (const kind of KINDS) {
  for (const code of kind === 'write' || kind === 'create' ? (['io', 'full'] as const) : (['io'] as const)) {
    test(`an error (${code}) at any ${kind}`, async () => {
      let failures = 0;
      for (let nth = 1; ; nth += failures > 40 ? 7 : 1) {
        const world = new World({ seed: nth, cruelty: nth % 3 === 0 ? 1 : 0, faults: { shortWrites: 0.2 } });
        const seen = watch(world.disk);
        world.disk.faults.failNth(kind, nth, code);
        const told = await work(world, new Events());
        world.disk.faults.heal();
        if (told.engine !== undefined) check(told.engine, told, `after ${kind} ${nth}`);
        world.restart('dropped', String(nth));
        const again = await world.open(OPTIONS);
        check(again, told, `opened again after ${kind} ${nth}`);
        if (!seen.struck) break;
        failures += 1;
      }
      assert.ok(failures > 0);
    });
  }
}

/** Tells whether a fault struck. */
function watch({ faults }: SimDisk): { struck: boolean } {
  const seen = { struck: false };
  const check = faults.check.bind(faults);
  faults.check = (...call) => {
    try {
      check(...call);
    } catch (error) {
      seen.struck = true;
      throw error;
    }
  };
  return seen;
}
