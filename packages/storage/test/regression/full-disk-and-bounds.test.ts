/** Full disks, failing directories and long lives: stories of the engine that once went wrong, or easily could. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@torc/base/errors';
import { Crash } from '@torc/sim/crash';
import { LOSS_MODES } from '@torc/sim/disk/loss';
import type { LogListener } from '../../src/commit-log/commit-log.ts';
import type { Engine } from '../../src/engine.ts';
import { Events, keyOf, put, recordOf, valueUnder, World } from '../support/world.ts';

const RESERVE = 8192;
const MIB = 1024 * 1024;
const isRefusal = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

/** Writes until the disk is full. Returns how many values were acknowledged. */
async function writeUntilFull(world: World, engine: Engine, bytes = 300): Promise<number> {
  for (let n = 0; ; n += 1) {
    put(engine, keyOf(`key ${n}`), recordOf(n + 1, `${n}:${'v'.repeat(bytes)}`));
    await world.turn();
    if (engine.isFull) return n;
  }
}

for (const cruelty of [0, 1]) {
  test(`a failed directory sync while a segment is rolled stops the log, cruelty ${cruelty}`, async () => {
    const events = new Events();
    const world = new World({ cruelty });
    const engine = await world.open({ segmentBytes: 1000 }, events);
    world.disk.faults.failNth('syncDirectory', 3);
    const known: string[] = [];
    const batches = new Map<number, string>();
    for (let n = 0; n < 40 && !events.lines.includes('stopped'); n += 1) {
      put(engine, keyOf(`key ${n}`), recordOf(n + 1, 'v'.repeat(100)));
      batches.set(engine.openBatch, `key ${n}`);
      await world.scheduler.runFor(10);
    }
    assert.equal(events.lines.at(-1), 'stopped');
    for (const [batch, key] of batches) if (batch <= engine.durableBatch) known.push(key);
    assert.ok(known.length > 4 && known.length < 40, `${known.length} known`);
    assert.throws(() => put(engine, keyOf('later'), recordOf(100, 'x')), isRefusal('stopped'));
    const { disk } = world;
    for (const mode of LOSS_MODES) {
      for (const label of ['a', 'b', 'c']) {
        const next = World.from(disk.snapshot(mode, label));
        const again = await next.open({ segmentBytes: 1000 });
        for (const key of known) assert.equal(valueUnder(again, key), 'v'.repeat(100), `${key}, ${mode} ${label}`);
        assert.equal(valueUnder(again, 'later'), undefined);
      }
    }
  });
}

test('a disk that is full at the start opens by spending the reserve; it serves reads and deletes', async () => {
  const world = new World();
  const options = { reserveBytes: RESERVE };
  const first = await world.open(options);
  for (let n = 0; n < 5; n += 1) put(first, keyOf(`key ${n}`), recordOf(n + 1, String(n)));
  await world.scheduler.settle(first.close());
  world.disk.capacityBytes = world.disk.usedBytes();
  world.restart('kept');
  const engine = await world.open(options);
  assert.ok((world.probe.counts.get('reserve-spent-to-start') ?? 0) > 0);
  assert.ok(engine.isFull);
  assert.equal(valueUnder(engine, 'key 3'), '3');
  assert.throws(() => put(engine, keyOf('new'), recordOf(10, 'x')), isRefusal('disk-full'));
  put(engine, keyOf('key 3'), recordOf(11));
  await world.turn();
  assert.equal(engine.durableBatch, engine.openBatch - 1);
  world.restart('dropped');
  const again = await world.open(options);
  assert.deepEqual([valueUnder(again, 'key 3'), valueUnder(again, 'key 4')], [undefined, '4']);
});

test('a full disk does not flap: it has room again only when two reserves fit', async () => {
  const world = new World();
  const engine = await world.open({ reserveBytes: RESERVE });
  world.disk.capacityBytes = world.disk.usedBytes() + 1000;
  await writeUntilFull(world, engine);
  for (const [room, full] of [
    [RESERVE - 1, true],
    [RESERVE, true],
    [2 * RESERVE - 1, true],
    [2 * RESERVE, false],
  ] as const) {
    world.disk.capacityBytes = world.disk.usedBytes() + room;
    await world.scheduler.runFor(3000);
    assert.equal(engine.isFull, full, `room for ${room} bytes`);
  }
  assert.equal(world.probe.counts.get('disk-full'), 1);
});

test('a crash during a salvage, with any loss, loses nothing that is sound', async () => {
  const world = new World();
  const engine = await world.open({ segmentBytes: 400 });
  for (let n = 0; n < 6; n += 1) {
    put(engine, keyOf(`key ${n}`), recordOf(n + 1, String(n)));
    await world.turn();
  }
  const image = world.disk.snapshot('dropped');
  let crashes = 0;
  for (let operation = 1; ; operation += 1) {
    const trial = World.from(image);
    trial.disk.flipBit('log-0000000001', 100, 1);
    trial.disk.armCrash({ operation, moment: 'during' });
    const crashed = await trial.scheduler.settle(trial.disk.alive(trial.open({ salvage: true }))).then(
      () => false,
      (error: unknown) => error instanceof Crash,
    );
    for (const mode of LOSS_MODES) {
      const again = await World.from(trial.disk.snapshot(mode)).open({ salvage: true });
      const left = [1, 2, 3, 4, 5].filter((n) => valueUnder(again, `key ${n}`) === String(n));
      assert.deepEqual(left, [1, 2, 3, 4, 5], `operation ${operation}, ${mode}`);
    }
    if (!crashed) break;
    crashes += 1;
  }
  assert.ok(crashes > 5, `${crashes} crashes`);
});

test('steady overwriting with syncs on the pool keeps memory and the log bounded', async () => {
  let durable = 0;
  const events: LogListener = { durable: (batch) => void (durable = batch), refused(): void {}, stopped(): void {} };
  const world = new World({ cruelty: 1 });
  const engine = await world.open({ logBytes: 2 * MIB, memtableBytes: 4 * MIB, codec: 0, bottomCodec: 0 }, events);
  const value = 'v'.repeat(64 * 1024);
  let held = 0;
  let files = 0;
  for (let n = 0; n < 300; n += 1) {
    for (let key = 0; key < 4; key += 1) put(engine, keyOf(`key ${key}`), recordOf(4 * n + key + 1, value));
    await world.turn();
    held = Math.max(held, engine.parts.memtables.heldBytes);
    files = Math.max(files, world.names().length);
  }
  assert.ok(durable > 200);
  assert.ok(held < 8 * MIB, `${held} bytes held`);
  assert.ok(files < 24, `${files} files`);
  assert.ok(world.disk.usedBytes() < 16 * MIB, `${world.disk.usedBytes()} bytes on disk`);
});
