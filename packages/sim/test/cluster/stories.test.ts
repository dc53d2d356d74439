/** Single stories of a ring of three: what a level waits for, what a read repairs, who coordinates, what a number fences. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes } from '@torc/base/bytes';
import type { Level } from '@torc/cluster/quorum/levels';
import { changeSeats } from '@torc/cluster/topology/seat-edits';
import type { ReadOutcome, WriteOutcome } from '@torc/node/ring/outcome';
import type { Member } from '@torc/node/ring/member';
import { ClusterWorld, topologyOf } from '../../src/cluster/cluster-world.ts';
import type { SimMember } from '../../src/cluster/sim-member.ts';
import { SimProbe } from '../../src/probe.ts';
import { SimRandom } from '../../src/random.ts';

const KEY = asciiBytes('key');
const LATEST = 0;
const SIBLINGS = 1;

class Ring {
  readonly world: ClusterWorld;

  private constructor(world: ClusterWorld) {
    this.world = world;
  }

  static async start(skewMs = 0): Promise<Ring> {
    const random = new SimRandom(`stories ${skewMs}`);
    const members = [1, 2, 3].map((n) => ({ id: `n${n}`, host: `h${n}`, rack: `r${n}`, dc: 'd', weight: 100 }));
    const world = new ClusterWorld({
      random,
      probe: new SimProbe({ random: random.fork('probe'), cruelty: 0 }),
      topology: topologyOf({
        members,
        partitionBits: 0,
        classes: [{ name: 'main', copies: 3, copiesByDc: [] }],
        buckets: [
          { name: 'default', db: LATEST, conflict: 'latest', placementClass: 'main' },
          { name: 'all', db: SIBLINGS, conflict: 'siblings', placementClass: 'main' },
        ],
      }),
      skewMs,
      accuse: (what) => assert.fail(what),
    });
    await world.start();
    return new Ring(world);
  }

  /** In preference order. */
  get homes(): readonly SimMember[] {
    const seats = this.world.topology.classes[0]?.placements[0]?.seats ?? [];
    return seats.map(({ actor }) => this.world.members.find((member) => member.actor === actor) as SimMember);
  }

  home(at: number): SimMember {
    return this.homes[at] as SimMember;
  }

  node(at: number): Member {
    return this.home(at).member as Member;
  }

  /** Cuts one home off from the other two. */
  cutOff(at: number): { heal(): void } {
    return this.world.network.isolate([this.home(at).host]);
  }

  write(
    at: number,
    value: string | undefined,
    level: Level,
    more: object = {},
    bucket = LATEST,
  ): Promise<WriteOutcome> {
    const deadlineMs = this.home(at).clock.monotonicMs() + 1500;
    const bytes = value === undefined ? undefined : asciiBytes(value);
    const operation = { bucket, key: KEY, level, deadlineMs, value: bytes, expiresAtMs: 0, ...more };
    return this.world.settle(this.node(at).coordinator.write(operation));
  }

  read(at: number, level: Level, more: object = {}, bucket = LATEST): Promise<ReadOutcome> {
    const deadlineMs = this.home(at).clock.monotonicMs() + 1500;
    return this.world.settle(this.node(at).coordinator.read({ bucket, key: KEY, level, deadlineMs, ...more }));
  }

  /** What one home holds. */
  async held(at: number, bucket = LATEST): Promise<readonly string[]> {
    return valuesOf({
      outcome: 'answered',
      record: await this.world.settle(this.node(at).store.read(bucket, KEY)),
      homes: [],
    });
  }
}

function valuesOf(read: ReadOutcome): readonly string[] {
  assert.ok(read.outcome === 'answered', read.outcome === 'rejected' ? read.text : '');
  const { record } = read;
  return (record?.siblings ?? []).map(({ value, tombstone }) =>
    tombstone ? '(deleted)' : String.fromCharCode(...value),
  );
}

test('what is written anywhere is read everywhere, and every home holds it', async () => {
  const ring = await Ring.start();
  for (const at of [0, 1, 2]) {
    assert.equal((await ring.write(at, `v${at}`, 'quorum')).outcome, 'applied');
    for (const other of [0, 1, 2]) assert.deepEqual(valuesOf(await ring.read(other, 'quorum')), [`v${at}`]);
  }
  await ring.world.pass(100);
  for (const at of [0, 1, 2]) assert.deepEqual(await ring.held(at), ['v2']);
});

test('a level that cannot be met writes nothing; a lower one goes on', async () => {
  const ring = await Ring.start();
  ring.home(2).crash('process');
  await ring.world.pass(1500);
  const refused = await ring.write(0, 'a', 'all');
  assert.deepEqual([refused.outcome, 'code' in refused ? refused.code : ''], ['rejected', 'unavailable']);
  assert.deepEqual(await ring.held(0), []);
  assert.equal((await ring.write(0, 'b', 'quorum')).outcome, 'applied');
  const impossible = await ring.write(0, 'c', 4);
  assert.equal('code' in impossible ? impossible.code : '', 'level-impossible');
});

test('a write that was begun and not acknowledged in time is unknown, never rejected', async () => {
  const ring = await Ring.start();
  // Not held to be down yet: the write goes out, and nothing comes back.
  ring.world.network.isolate([ring.home(0).host]);
  const outcome = await ring.write(0, 'a', 'quorum');
  assert.equal(outcome.outcome, 'unknown');
  assert.deepEqual(await ring.held(0), ['a']);
});

test('a read repairs the homes that it counts before it answers', async () => {
  const ring = await Ring.start();
  const cut = ring.cutOff(2);
  await ring.world.pass(1500);
  assert.equal((await ring.write(0, 'a', 'quorum')).outcome, 'applied');
  cut.heal();
  await ring.world.pass(3000);
  assert.deepEqual(await ring.held(2), [], 'it was cut off');
  assert.deepEqual(valuesOf(await ring.read(2, 'all')), ['a']);
  assert.deepEqual(await ring.held(2), ['a']);
});

test('in a latest bucket a coordinator with a slow clock that missed a write goes above it before it answers', async () => {
  const ring = await Ring.start();
  const cut = ring.cutOff(0);
  await ring.world.pass(1500);
  // The clock of the others is far ahead, and the one that was cut off has not heard of it.
  ring.home(1).clock.jumpWall(30_000);
  assert.equal((await ring.write(1, 'ahead', 'quorum')).outcome, 'applied');
  cut.heal();
  // As soon as the first home hears from the others, and before their beats have told it the time.
  let outcome = await ring.write(0, 'later', 'quorum');
  for (let tries = 0; outcome.outcome !== 'applied' && tries < 50; tries += 1) {
    await ring.world.pass(20);
    outcome = await ring.write(0, 'later', 'quorum');
  }
  assert.equal(outcome.outcome, 'applied');
  for (const at of [0, 1, 2]) assert.equal(valuesOf(await ring.read(at, 'quorum'))[0], 'later');
});

test('concurrent values of a siblings bucket all stay until a write has seen them', async () => {
  const ring = await Ring.start();
  const context = { context: [] };
  for (const value of ['a', 'b', 'c']) {
    assert.equal((await ring.write(0, value, 'quorum', context, SIBLINGS)).outcome, 'applied');
  }
  const read = await ring.read(1, 'quorum', {}, SIBLINGS);
  assert.deepEqual([...valuesOf(read)].sort(), ['a', 'b', 'c']);
  const seen = read.outcome === 'answered' ? (read.record?.clock ?? []) : [];
  assert.equal((await ring.write(2, 'd', 'quorum', { context: seen }, SIBLINGS)).outcome, 'applied');
  assert.deepEqual(valuesOf(await ring.read(1, 'quorum', {}, SIBLINGS)), ['d']);
});

test('a delete leaves what it did not see', async () => {
  const ring = await Ring.start();
  assert.equal((await ring.write(0, 'a', 'quorum', {}, SIBLINGS)).outcome, 'applied');
  const deadlineMs = ring.home(0).clock.monotonicMs() + 1500;
  const remove = { bucket: SIBLINGS, key: KEY, level: 'quorum', readLevel: 'quorum', deadlineMs } as const;
  const removed = await ring.world.settle(ring.node(1).coordinator.remove(remove));
  assert.deepEqual([removed.outcome, removed.removed], ['applied', true]);
  assert.deepEqual(valuesOf(await ring.read(0, 'quorum', {}, SIBLINGS)), ['(deleted)']);
  // Made without having seen the delete.
  assert.equal((await ring.write(2, 'b', 'quorum', { context: [] }, SIBLINGS)).outcome, 'applied');
  assert.deepEqual([...valuesOf(await ring.read(0, 'quorum', {}, SIBLINGS))].sort(), ['(deleted)', 'b']);
});

test('a session reads what it saw, at any level, or is told that nobody can show it', async () => {
  const ring = await Ring.start();
  const cut = ring.cutOff(2);
  await ring.world.pass(1500);
  await ring.write(0, 'a', 'quorum');
  const read = await ring.read(0, 'one');
  const atLeast = read.outcome === 'answered' ? (read.record?.clock ?? []) : [];
  const alone = await ring.read(2, 'one', { atLeast });
  assert.deepEqual([alone.outcome, 'code' in alone ? alone.code : ''], ['rejected', 'unavailable']);
  cut.heal();
  await ring.world.pass(3000);
  assert.deepEqual(valuesOf(await ring.read(2, 'one', { atLeast })), ['a']);
});

test('a seat that is filling takes writes and shows nothing', async () => {
  const ring = await Ring.start();
  await ring.write(0, 'a', 'all');
  const { actor } = ring.home(2);
  const edit = { kind: 'filling', placementClass: 'main', partition: 0, actor } as const;
  ring.world.agree(changeSeats(ring.world.topology, [edit]));
  await ring.world.pass(1000);
  for (const at of [0, 1, 2]) assert.equal(ring.node(at).ring.epoch, ring.world.topology.epoch, 'beats spread it');
  assert.equal((await ring.write(1, 'b', 'all')).outcome, 'applied', 'all acknowledge');
  const all = await ring.read(0, 'all');
  assert.equal('code' in all ? all.code : '', 'level-impossible', 'two of three answer reads');
  const read = await ring.read(0, 'quorum');
  assert.deepEqual(valuesOf(read), ['b']);
  assert.ok(read.outcome === 'answered' && !read.homes.includes(actor));
});

test('a coordinator that is behind learns of the placement from a home, and starts again under it', async () => {
  const ring = await Ring.start();
  const edit = { kind: 'filling', placementClass: 'main', partition: 0, actor: ring.home(2).actor } as const;
  const newer = changeSeats(ring.world.topology, [edit]);
  // Two of them know; the coordinator does not yet.
  for (const at of [1, 2]) ring.node(at).ring.adopt(newer);
  assert.equal((await ring.write(0, 'a', 'quorum')).outcome, 'applied');
  assert.equal(ring.node(0).ring.epoch, newer.epoch);
  assert.deepEqual(valuesOf(await ring.read(0, 'quorum')), ['a']);
});

test('when the first home is down the next one coordinates, and a client at any node hears nothing of it', async () => {
  const ring = await Ring.start();
  ring.home(0).crash('dropped');
  await ring.world.pass(1500);
  for (const at of [1, 2]) assert.equal((await ring.write(at, `v${at}`, 'quorum')).outcome, 'applied');
  assert.deepEqual(valuesOf(await ring.read(1, 'quorum')), ['v2']);
});

test('a write whose coordinator falls silent is made again elsewhere, and is one version', async () => {
  const ring = await Ring.start();
  const { world } = ring;
  // The coordinator takes the write and is cut off before it can answer.
  const first = ring.home(0).host;
  const writing = ring.write(1, 'once', 'quorum');
  world.network.cutOneWay([first], [ring.home(1).host]);
  const outcome = await writing;
  assert.equal(outcome.outcome, 'applied');
  world.network.heal();
  await world.pass(3000);
  const read = await ring.read(1, 'all');
  const values = valuesOf(read);
  assert.deepEqual([...new Set(values)], ['once']);
});
