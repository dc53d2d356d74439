/** The linearizability checker beside its definition, on a register that is atomic, and on ones that are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation, Reply } from '../../src/checkers/history.ts';
import { checkRegister } from '../../src/checkers/linearizability.ts';
import { SimRandom } from '../../src/random.ts';
import { isLegalByEveryOrder } from './every-order.ts';
import { runRegister, type RunOptions } from './register-run.ts';

const TINY_HISTORIES = 20_000;

type Weights = RunOptions['weights'];

function weights(read: number, write: number, erase: number, swap: number, exchange: number): Weights {
  return { read, write, delete: erase, 'compare-and-set': swap, 'read-modify-write': exchange };
}

const SHAPES: readonly Weights[] = [
  weights(4, 3, 0, 0, 0),
  weights(3, 2, 2, 0, 0),
  weights(2, 2, 1, 5, 0),
  weights(1, 1, 1, 3, 2),
  weights(0, 3, 1, 5, 0),
  weights(3, 0, 2, 3, 1),
];

/** A run of a register with or without mistakes, of which up to two replies are changed afterwards. */
function tinyHistory(random: SimRandom): Operation[] {
  const { operations } = runRegister(random, {
    operations: 3 + random.below(5),
    clients: 1 + random.below(5),
    unknownChance: random.pick([0, 0.15, 0.4]),
    weights: random.pick(SHAPES),
    durationMs: 10,
    pauseMs: random.pick([1, 5, 20]),
    latestEffectMs: 30,
    staleReadChance: random.pick([0, 0.2]),
    lostWriteChance: random.pick([0, 0.15]),
  });
  const values = [undefined, ...operations.map(({ id }) => `v${id}`)];
  for (let changes = random.below(3); changes > 0; changes -= 1) {
    const at = random.below(operations.length);
    const operation = operations[at] as Operation;
    operations[at] = { ...operation, reply: otherReply(operation, values, random) };
  }
  return operations;
}

function otherReply({ id, request }: Operation, values: readonly (string | undefined)[], random: SimRandom): Reply {
  const returned = random.pick(values);
  const isOwn = returned === `v${id}`;
  return random.pick<Reply>([
    { outcome: 'applied', ...(isOwn ? {} : { returned }) },
    { outcome: 'rejected', conditionFailed: request.kind === 'compare-and-set' },
    { outcome: 'unknown' },
  ]);
}

test(`it agrees with the definition on ${TINY_HISTORIES} tiny histories`, () => {
  const count = { legal: 0, illegal: 0 };
  for (let seed = 0; seed < TINY_HISTORIES; seed += 1) {
    const random = new SimRandom(seed);
    const operations = tinyHistory(random);
    const initial = random.chance(0.2) ? 'initial' : undefined;
    const expected = isLegalByEveryOrder(operations, initial) ? 'legal' : 'illegal';
    assert.equal(checkRegister(operations, { initial }).verdict, expected, `seed ${seed}`);
    count[expected] += 1;
  }
  assert.ok(count.legal > TINY_HISTORIES / 4, `${count.legal} legal`);
  assert.ok(count.illegal > TINY_HISTORIES / 5, `${count.illegal} illegal`);
});

const BUSY: Omit<RunOptions, 'weights'> = {
  operations: 400,
  clients: 8,
  unknownChance: 0.1,
  durationMs: 10,
  pauseMs: 5,
  latestEffectMs: 100,
};

test('an atomic register is always linearizable', () => {
  for (let seed = 0; seed < 30; seed += 1) {
    for (const [shape, weight] of SHAPES.entries()) {
      const { operations } = runRegister(new SimRandom(seed), { ...BUSY, weights: weight });
      assert.equal(checkRegister(operations).verdict, 'legal', `seed ${seed}, shape ${shape}`);
    }
  }
});

/** How many of the runs with a planted mistake are called illegal, and how many had one. */
function caught(options: RunOptions): { illegal: number; mistaken: number } {
  let illegal = 0;
  let mistaken = 0;
  for (let seed = 0; seed < 40; seed += 1) {
    const { operations, mistakes } = runRegister(new SimRandom(seed), options);
    const { verdict } = checkRegister(operations);
    if (mistakes === 0) assert.equal(verdict, 'legal', `seed ${seed}`);
    else mistaken += 1;
    if (verdict === 'illegal') illegal += 1;
  }
  return { illegal, mistaken };
}

// Clients that take turns with pauses leave no concurrency in which a mistake could hide.
const ALONE = { ...BUSY, operations: 60, clients: 1, unknownChance: 0, weights: weights(5, 5, 0, 0, 0) };

test('a stale read is caught whenever nothing is concurrent', () => {
  const { illegal, mistaken } = caught({ ...ALONE, staleReadChance: 0.05 });
  assert.ok(mistaken > 10);
  assert.equal(illegal, mistaken);
});

test('stale reads and lost writes are caught among concurrent clients', () => {
  assert.ok(caught({ ...BUSY, weights: weights(6, 3, 1, 0, 0), staleReadChance: 0.1 }).illegal > 30);
  assert.ok(caught({ ...BUSY, weights: weights(6, 3, 1, 0, 0), lostWriteChance: 0.2 }).illegal > 30);
  assert.ok(caught({ ...BUSY, weights: weights(2, 1, 0, 5, 2), lostWriteChance: 0.2 }).illegal > 30);
});

const LARGE: Omit<RunOptions, 'weights'> = { ...BUSY, operations: 5000, clients: 30, latestEffectMs: 5000 };

test('5,000 operations of 30 clients, 10 % without an outcome, take at most one step each', () => {
  for (const pauseMs of [0.1, 5]) {
    for (const [shape, weight] of [...SHAPES, weights(1, 1, 0, 8, 0), weights(0, 1, 0, 10, 0)].entries()) {
      const { operations } = runRegister(new SimRandom(shape), { ...LARGE, pauseMs, weights: weight });
      const { verdict, states } = checkRegister(operations);
      assert.equal(verdict, 'legal', `shape ${shape}`);
      assert.ok(states <= operations.length, `shape ${shape}: ${states} states`);
    }
  }
});

test('a lost write is found at the end of 5,000 operations', () => {
  const { operations } = runRegister(new SimRandom(1), { ...LARGE, weights: weights(3, 2, 1, 4, 0) });
  const last = operations.at(-1) as Operation;
  const atMs = Math.max(...operations.map(({ replied }) => replied?.atMs ?? 0));
  const after = (id: number, request: Operation['request'], reply: Reply): Operation => {
    const at = atMs + id;
    return { ...last, id, request, reply, invoked: { atMs: at, sequence: 0 }, replied: { atMs: at, sequence: 1 } };
  };
  const judged = checkRegister([
    ...operations,
    after(5000, { kind: 'write', value: 'kept' }, { outcome: 'applied' }),
    after(5001, { kind: 'read' }, { outcome: 'applied', returned: 'kept' }),
    after(5002, { kind: 'write', value: 'lost' }, { outcome: 'applied' }),
    after(5003, { kind: 'read' }, { outcome: 'applied', returned: 'kept' }),
  ]);
  assert.ok(judged.verdict === 'illegal');
  assert.equal(judged.explanation.last.id, 5003);
  assert.ok(judged.explanation.possible.includes('lost'));
  assert.ok(!judged.explanation.possible.includes('kept'));
});
