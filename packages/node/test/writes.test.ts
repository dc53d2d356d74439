/** Writes: what they supersede, what is refused with nothing written, and what an answer waits for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal, type RefusalCode } from '@torc/base/errors';
import { NEEDS_LOAD } from '@torc/storage/read/needs-disk';
import { KEEP, WRITE, type Change } from '../src/coordinator/coordinator.ts';
import { ReadView } from '../src/replica/views.ts';
import { asBytes, NodeWorld, OPTIONS } from './support/node-world.ts';

async function opened(options = OPTIONS, cruelty = 0): Promise<NodeWorld> {
  const world = new NodeWorld();
  await world.open(options, cruelty);
  return world;
}

/** The write is refused, and neither the disk nor what is shown has changed. */
async function refusesNothingWritten(world: NodeWorld, code: RefusalCode, write: () => unknown): Promise<void> {
  await world.turn();
  const { operations } = world.disk;
  const before = held(world);
  assert.throws(write, (error) => error instanceof Refusal && error.code === code);
  await world.turn();
  assert.equal(world.disk.operations, operations);
  assert.deepEqual(held(world), before);
}

function held(world: NodeWorld): readonly number[] {
  const { memtableKeys, memtableUsedBytes } = world.node.figures().engine;
  return [world.valueCount, memtableKeys, memtableUsedBytes];
}

function values(world: NodeWorld, key: string): string[] {
  return (world.record(key)?.siblings ?? []).map(({ value }) => String.fromCharCode(...value)).sort();
}

test('blind writes replace each other', async () => {
  const world = await opened();
  for (const value of ['1', '2', '3']) world.write('a', value);
  assert.deepEqual(values(world, 'a'), ['3']);
});

test('a write with a context supersedes what it saw and leaves what it did not', async () => {
  const world = await opened();
  world.write('a', 'seen');
  const context = world.record('a')?.clock ?? [];
  world.write('a', 'unseen', { context: [] });
  world.write('a', 'merged', { context });
  assert.deepEqual(values(world, 'a'), ['merged', 'unseen']);
  assert.equal(world.value('a'), 'merged', 'the newest wins');
  world.write('a', 'all', { context: world.record('a')?.clock ?? [] });
  assert.deepEqual(values(world, 'a'), ['all']);
});

test('siblings survive a restart, with their clock', async () => {
  const world = await opened();
  for (const value of ['1', '2', '3']) world.write('a', value, { context: [] });
  const before = world.record('a');
  await world.turn();
  await world.restart();
  assert.deepEqual(world.record('a'), before);
});

test('a client write that would leave more than 100 siblings is refused; reading, merging and writing back goes on', async () => {
  const world = await opened();
  for (let n = 1; n <= 100; n += 1) world.write('a', String(n), { context: [] });
  await refusesNothingWritten(world, 'too-many-siblings', () => world.write('a', '101', { context: [] }));
  assert.equal(world.record('a')?.siblings.length, 100);
  world.write('a', 'merged', { context: world.record('a')?.clock ?? [] });
  assert.deepEqual(values(world, 'a'), ['merged']);
});

test('keys up to 64 KiB are taken, the empty one too, and one byte more is refused with nothing written', async () => {
  const world = await opened();
  const keys = ['', 'a', new Uint8Array(64 * 1024).fill(7), Uint8Array.of(0), Uint8Array.of(0xff, 0xfe), '__proto__'];
  keys.forEach((key, at) => world.write(key, `value ${at}`));
  await refusesNothingWritten(world, 'key-too-long', () => world.write(new Uint8Array(64 * 1024 + 1), 'v'));
  await world.restart();
  keys.forEach((key, at) => assert.equal(world.value(key), `value ${at}`));
});

test('values up to the limit are taken, empty ones too, and one byte more is refused with nothing written', async () => {
  const world = await opened({ ...OPTIONS, limits: { ...OPTIONS.limits, valueBytes: 5000 } });
  world.write('empty', '');
  world.write('largest', 'x'.repeat(5000));
  await refusesNothingWritten(world, 'value-too-long', () => world.write('empty', 'x'.repeat(5001)));
  await refusesNothingWritten(world, 'value-too-long', () => world.write('empty', 'x'.repeat(5001), { context: [] }));
  await world.restart();
  assert.equal(world.value('empty'), '');
  assert.equal(world.value('largest'), 'x'.repeat(5000));
});

test('a delete of a key that is absent, deleted or expired writes nothing', async () => {
  const world = await opened();
  world.write('deleted', 'v');
  world.remove('deleted');
  world.write('expired', 'v', { expiresAtMs: world.node.wallMs() + 1 });
  await world.pass(5);
  const { operations } = world.disk;
  const { openBatch } = world.node;
  for (const key of ['never', 'deleted', 'expired']) assert.equal(world.remove(key), false);
  await world.turn();
  assert.deepEqual([world.disk.operations, world.node.openBatch], [operations, openBatch]);
});

test('a read that sees a write that is not durable says which batch it waits for', async () => {
  for (const cruelty of [0, 1]) {
    const world = await opened(OPTIONS, cruelty);
    world.disk.faults.set({ laterMs: [10, 10] });
    world.node.coordinator.prepare();
    assert.deepEqual(world.read('a'), { value: undefined, pendingBatch: 0 });
    world.write('a', 'v');
    const batch = world.node.openBatch;
    assert.deepEqual(world.read('a'), { value: 'v', pendingBatch: batch });
    await world.turn();
    assert.equal(world.read('a').pendingBatch, cruelty === 0 ? 0 : batch, 'until the sync has landed');
    await world.pass(100);
    assert.deepEqual(world.read('a'), { value: 'v', pendingBatch: 0 });
    assert.equal(world.node.durableBatch, batch);
  }
});

test('absence waits, too: after a delete that is not durable a read and a second delete say so', async () => {
  const world = await opened();
  world.write('a', 'v');
  await world.turn();
  const seen = new ReadView();
  assert.equal(world.remove('a', seen), true);
  assert.equal(seen.pendingBatch, 0, 'what was deleted was durable');
  assert.deepEqual(world.read('a'), { value: undefined, pendingBatch: world.node.openBatch });
  assert.equal(world.remove('a', seen), false);
  assert.equal(seen.pendingBatch, world.node.openBatch);
  await world.turn();
  assert.deepEqual(world.read('a'), { value: undefined, pendingBatch: 0 });
});

/** SET with NX or XX. */
function setIf(world: NodeWorld, key: string, wanted: 'absent' | 'present', value: string): boolean {
  const raw = asBytes(value);
  const change: Change = {
    decide(current, next): typeof KEEP | typeof WRITE {
      if (current.live !== (wanted === 'present')) return KEEP;
      next.value(raw, 0, raw.length, 0);
      return WRITE;
    },
  };
  const bytes = asBytes(key);
  return world.node.coordinator.update(0, bytes, 0, bytes.length, change, new ReadView());
}

test('of many conditional writes to an absent key in one turn exactly one wins, and all later ones see it', async () => {
  const world = await opened();
  const won = Array.from({ length: 20 }, (_, n) => setIf(world, 'a', 'absent', `writer ${n}`));
  assert.deepEqual(
    won.map(Number).reduce((a, b) => a + b),
    1,
  );
  assert.equal(world.value('a'), 'writer 0');
  await world.turn();
  await world.restart();
  assert.equal(setIf(world, 'a', 'absent', 'late'), false);
  assert.equal(world.value('a'), 'writer 0');
});

test('a condition looks at what answers: deleted and expired keys are absent', async () => {
  const world = await opened();
  assert.equal(setIf(world, 'a', 'present', 'x'), false);
  assert.equal(world.record('a'), undefined, 'a condition that does not hold writes nothing');
  world.write('a', 'v', { expiresAtMs: world.node.wallMs() + 5 });
  assert.equal(setIf(world, 'a', 'present', 'x'), true);
  world.write('a', 'v', { expiresAtMs: world.node.wallMs() + 5 });
  await world.pass(5);
  assert.equal(setIf(world, 'a', 'present', 'y'), false);
  assert.equal(setIf(world, 'a', 'absent', 'z'), true);
  world.remove('a');
  assert.equal(setIf(world, 'a', 'present', 'y'), false);
  assert.equal(setIf(world, 'a', 'absent', 'again'), true);
  assert.equal(world.value('a'), 'again');
});

test('a command on a key that lies on the disk asks for it first and has done nothing; when it is loaded it goes on from there', async () => {
  const world = await opened(OPTIONS, 1);
  for (const value of ['1', '2']) world.write('a', value, { context: [] });
  world.write('b', 'v');
  await world.flush();
  world.node.coordinator.prepare();
  await world.pass(1000);
  const before = held(world);
  const asks = [
    () => world.read('a'),
    () => world.record('a'),
    () => world.write('a', '3'),
    () => world.write('a', '3', { context: [] }),
    () => world.remove('b'),
    () => setIf(world, 'b', 'absent', 'x'),
  ];
  for (const ask of asks) assert.throws(ask, (error) => error === NEEDS_LOAD);
  assert.deepEqual(held(world), before);
  await world.load('a');
  world.node.withLoaded(() => world.write('a', '3', { context: [] }));
  assert.deepEqual(values(world, 'a'), ['1', '2', '3'], 'it knew what it wrote on top of');
  await world.load('b');
  assert.equal(
    world.node.withLoaded(() => world.remove('b')),
    true,
  );
  assert.equal(world.valueCount, 1);
});
