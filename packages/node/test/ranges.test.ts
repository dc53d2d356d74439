/** Prefixes inside a tag, deleting ranges, and the explanation of a read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes } from '@torc/base/bytes';
import type { TorcNode } from '../src/node.ts';
import { NodeWorld } from './support/node-world.ts';

async function filled(): Promise<{ world: NodeWorld; node: TorcNode }> {
  const world = new NodeWorld();
  const node = await world.open();
  for (let n = 0; n < 40; n += 1) {
    world.write(`{user:1}:cart:${String(n).padStart(2, '0')}`, `cart ${n}`);
    world.write(`{user:1}:name:${n}`, `name ${n}`);
    world.write(`{user:2}:cart:${n}`, `other ${n}`);
    if (n === 20) await world.flush();
  }
  await world.turn();
  return { world, node };
}

async function keysOf({ world, node }: { world: NodeWorld; node: TorcNode }, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  const scan = node.scanPrefix(0, asciiBytes(prefix), undefined, 1000, (bytes, start, end) => {
    keys.push(String.fromCharCode(...bytes.subarray(start, end)));
  });
  await world.scheduler.settle(scan);
  return keys;
}

test('a prefix with a whole tag is one range, in order, over memtable and tables', async () => {
  const world = await filled();
  const expected = Array.from({ length: 40 }, (_, n) => `{user:1}:cart:${String(n).padStart(2, '0')}`);
  assert.deepEqual(await keysOf(world, '{user:1}:cart:'), expected);
  assert.deepEqual(await keysOf(world, '{user:1}:cart:3'), expected.slice(30));
  assert.equal((await keysOf(world, '{user:1}')).length, 80);
  assert.deepEqual(await keysOf(world, '{user:3}'), []);
});

test('a prefix without a whole tag is refused: its keys do not stand together', async () => {
  const world = await filled();
  for (const prefix of ['', 'user', '{user', '{}x', '}{']) {
    await assert.rejects(async () => keysOf(world, prefix), { name: 'Refusal', code: 'bad-prefix' }, prefix);
  }
});

test('a deleted range is deleted like keys are: counted, durable, and the rest stays', async () => {
  const { world, node } = await filled();
  const deleted = await world.scheduler.settle(node.deleteRange(0, asciiBytes('{user:1}:cart:')));
  assert.equal(deleted, 40);
  await world.turn();
  const again = { world, node: await world.restart('dropped') };
  assert.deepEqual(await keysOf(again, '{user:1}:cart:'), []);
  assert.equal((await keysOf(again, '{user:1}')).length, 40);
  assert.equal(again.node.figures().keysByDb.get(0), 80);
  assert.equal(await world.scheduler.settle(again.node.deleteRange(0)), 80);
  assert.equal(again.node.figures().keysByDb.get(0), 0);
});

test('an explanation names every place that was asked, and what it said', async () => {
  const { world } = await filled();
  // After a start nothing of the tables is in memory; what was not flushed is in the memtable again.
  const node = await world.restart('dropped');
  const lines = (key: string): string => {
    const bytes = asciiBytes(key);
    return node.explain(0, bytes, 0, bytes.length).join('\n');
  };
  const cold = lines('{user:1}:cart:05');
  assert.match(cold, /^memtable: absent$/m);
  assert.match(cold, /^table \d+ \(run 1\): whole$/m);
  assert.match(cold, /^block of table \d+ at \d+: \d+ bytes from the disk/m);
  assert.match(cold, /^winner: dot \(1, \d+\), 6 bytes$/m);
  assert.match(cold, /^durable: yes$/m);
  assert.match(cold, /^blocks: \d+ in memory, [1-9]\d* from the disk/m);
  assert.match(lines('{user:1}:cart:30'), /^memtable: whole$/m);
  assert.match(lines('{user:1}:nothing'), /^record: none$/m);
  assert.match(lines('{user:1}:nothing'), /absent by its filter|outside its bounds|though its filter let it pass/);
});
