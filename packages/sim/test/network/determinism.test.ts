/** The same seed and the same calls tell the same events; another seed, others. Nothing is told, or made, without a sink. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '@torc/base/ports/transport';
import { CRUEL_NETWORK } from '../../src/network/settings.ts';
import { TraceHash } from '../../src/network/trace.ts';
import { SimRandom } from '../../src/random.ts';
import { World } from './world.ts';

const NAMES = ['a', 'b', 'c', 'd'];

/** A busy and unlucky life: every call and every fault, by a program of its own. */
async function life(seed: number): Promise<{ hash: number; count: number; log: string }> {
  const trace = new TraceHash();
  const hosts = NAMES.map((name, i) => ({ name, rack: `r${i % 2}`, dc: i < 3 ? 'east' : 'west' }));
  const world = new World(hosts, { seed, settings: CRUEL_NETWORK, trace });
  const program = new SimRandom(seed).fork('program');
  const connections: Connection[] = [];
  const boots = new Map<string, number>();
  const restart = (name: string): void => {
    const boot = (boots.get(name) ?? 1) + 1;
    boots.set(name, boot);
    world.start(name, boot);
  };
  for (let step = 0; step < 250; step++) {
    const [one, other] = [program.pick(NAMES), program.pick(NAMES)];
    const which = program.below(20);
    if (which < 5 && one !== other) connections.push(world.dial(one, other, program.chance(0.5) ? 'bulk' : 'urgent'));
    else if (which < 13 && connections.length > 0) {
      const length = program.below(3000);
      program.pick(connections).send(new Uint8Array(length).fill(65 + (step % 20)), 0, length);
    } else if (which === 13 && connections.length > 0) program.pick(connections).close();
    else if (which === 14) world.network.reset([one], [other]);
    else if (which === 15) world.network.cutOneWay([one], [other], program.chance(0.5) ? 'stall' : 'refuse');
    else if (which === 16) world.network.isolate([one]);
    else if (which === 17) world.network.heal();
    else if (which === 18) {
      world.kill(one);
      restart(one);
    } else if (which === 19) {
      world.clocks.get(one)?.kill();
      world.network.powerOff(one);
      await world.scheduler.runFor(program.below(3000));
      restart(one);
    }
    await world.scheduler.runFor(program.below(200));
  }
  world.network.heal();
  await world.scheduler.runUntilIdle();
  return { hash: trace.hash, count: trace.count, log: world.log.join('\n') };
}

test('the same seed twice', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const [first, second] = [await life(seed), await life(seed)];
    assert.ok(first.count > 200, `${first.count} events`);
    assert.deepEqual(first, second);
  }
});

test('another seed, another life', async () => {
  const hashes = new Set<number>();
  for (let seed = 1; seed <= 10; seed++) hashes.add((await life(seed)).hash);
  assert.equal(hashes.size, 10);
});

test('a hash tells times, texts and their order apart', () => {
  const hashOf = (...events: [number, string][]): number => {
    const trace = new TraceHash();
    for (const [timeMs, text] of events) trace.event(timeMs, text);
    return trace.hash;
  };
  const hashes = [hashOf([1, 'a'], [2, 'b']), hashOf([1, 'b'], [2, 'a']), hashOf([1, 'a'], [3, 'b']), hashOf([1, 'a'])];
  assert.equal(new Set(hashes).size, 4);
  assert.equal(hashOf([1, 'a'], [2, 'b']), hashes[0]);
});

test('without a sink no text is made', () => {
  const world = new World(['a', 'b']);
  world.network.tell(() => assert.fail('a text was made'));
  const heard: string[] = [];
  const told = new World(['a', 'b'], { trace: { event: (timeMs, text) => void heard.push(`${timeMs} ${text}`) } });
  told.network.tell(() => 'something');
  assert.equal(heard.at(-1), '0 something');
});
