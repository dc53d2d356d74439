/** The engine against a map: random writes, deletes, checkpoints and restarts of every kind, with small random options. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOSS_MODES } from '@torc/sim/disk/loss';
import { SimRandom } from '@torc/sim/random';
import type { Engine } from '../src/engine.ts';
import type { EngineOptions } from '../src/options.ts';
import { keyOf, put, recordOf, valueUnder, World } from './support/world.ts';

const KEYS = Array.from({ length: 25 }, (_, n) => (n === 0 ? '' : n === 1 ? '__proto__' : `key ${n}`));

class Run {
  readonly #random: SimRandom;
  readonly #world: World;
  readonly #options: Partial<EngineOptions>;
  readonly #model = new Map<string, string | undefined>();
  readonly #state = new Map<number, number>();
  #stamp = 0;

  constructor(seed: number) {
    this.#random = new SimRandom(seed);
    this.#world = new World({ seed, cruelty: this.#random.pick([0, 0.3, 1]), faults: { shortWrites: 0.1 } });
    this.#options = {
      segmentBytes: this.#random.pick([100, 1000, 20_000]),
      checkpointAfterBytes: this.#random.pick([500, 5000, 100_000]),
      reserveBytes: this.#random.pick([0, 1000]),
    };
  }

  async go(lives: number): Promise<void> {
    for (let life = 0; life < lives; life += 1) {
      const engine = await this.#world.open(this.#options);
      this.#check(engine);
      for (let turn = this.#random.below(25); turn > 0; turn -= 1) await this.#turn(engine);
      await this.#drain(engine);
      this.#check(engine);
      await this.#stop(engine, life);
    }
  }

  async #turn(engine: Engine): Promise<void> {
    for (let n = this.#random.below(6); n > 0; n -= 1) this.#write(engine);
    if (this.#random.chance(0.05)) {
      const name = this.#random.below(4);
      const value = this.#random.pick([0, 1, Number.MAX_SAFE_INTEGER, this.#random.uint32()]);
      assert.ok(engine.setState(name, value));
      this.#state.set(name, value);
    }
    if (this.#random.chance(0.1)) {
      const checkpoint = engine.checkpoint();
      for (let n = this.#random.below(4); n > 0; n -= 1) this.#write(engine);
      await this.#world.scheduler.settle(checkpoint);
    }
    await this.#world.turn();
  }

  #write(engine: Engine): void {
    const key = this.#random.pick(KEYS);
    this.#stamp += 1;
    const long = this.#random.chance(0.05) ? 3000 : 60;
    const value = this.#random.chance(0.2) ? undefined : `${this.#stamp}:${'v'.repeat(this.#random.below(long))}`;
    put(engine, keyOf(key, key.length % 3), recordOf(this.#stamp, value));
    this.#model.set(key, value);
  }

  async #drain(engine: Engine): Promise<void> {
    await this.#world.scheduler.runUntil(
      () => engine.durableBatch === engine.openBatch - 1 && engine.openBytes === 0,
      1000,
    );
  }

  async #stop(engine: Engine, life: number): Promise<void> {
    const { scheduler } = this.#world;
    const how = this.#random.pick(['clean', 'process', ...LOSS_MODES] as const);
    if (how === 'process') this.#world.restartProcess();
    else {
      if (how === 'clean') await scheduler.settle(engine.close());
      this.#world.restart(how === 'clean' ? 'dropped' : how, String(life));
    }
    this.#world.disk.faults.set({ shortWrites: 0.1 });
  }

  #check(engine: Engine): void {
    for (const key of KEYS) assert.equal(valueUnder(engine, keyOf(key, key.length % 3)), this.#model.get(key), key);
    for (const [name, value] of this.#state) assert.equal(engine.state(name), value);
    assert.equal(engine.memtable.count, this.#model.size);
  }
}

test('random sequences over many lives agree with a map: all that was durable is there, and nothing else', async () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    try {
      await new Run(seed).go(6);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});

test('many short lives do not pile up segments: a checkpoint bounds them', async () => {
  const world = new World();
  for (let life = 0; life < 100; life += 1) {
    const engine = await world.open();
    put(engine, keyOf('a'), recordOf(life + 1, String(life)));
    await world.scheduler.runFor(10);
    world.restart('dropped', String(life));
  }
  assert.ok(world.names().length < 70, `${world.names().length} files`);
});

test('a write refused because memory is full changes nothing; deletes make room again', async () => {
  const world = new World();
  const engine = await world.open({ memtableBytes: 1000 });
  put(engine, keyOf('a'), recordOf(1, 'x'.repeat(2000)));
  await world.turn();
  const { operations } = world.disk;
  assert.throws(() => put(engine, keyOf('b'), recordOf(2, 'y')), { name: 'Refusal', code: 'memory-full' });
  await world.turn();
  assert.equal(world.disk.operations, operations);
  put(engine, keyOf('a'), recordOf(3));
  await world.turn();
  put(engine, keyOf('b'), recordOf(4, 'y'));
  assert.equal(valueUnder(engine, 'b'), 'y');
});

test('a checkpoint that begins while a sync is on the pool holds what that sync was for', async () => {
  const world = new World({ cruelty: 1, faults: { laterMs: [10, 10] } });
  const engine = await world.open();
  put(engine, keyOf('a'), recordOf(1, 'old'));
  await world.scheduler.runFor(100);
  put(engine, keyOf('a'), recordOf(2, 'new'));
  await world.turn();
  await world.scheduler.settle(engine.checkpoint());
  assert.equal(engine.durableBatch, 2);
  world.restart('dropped');
  assert.equal(valueUnder(await world.open(), 'a'), 'new');
});
