/** The part of the transport suite about queues: their bounds, `slow`, `drained`, and what becomes of what was refused. */
import { type Case, expect, expectEqual, noise } from './suite.ts';
import { type End, type TransportBench, transportCase, type TransportWorld } from './transport-bench.ts';

/** No queue of some hundred KiB takes so much before anything has left it. */
const MOST_MESSAGES = 200_000;
const MOST_BYTES = 8 * 1024 * 1024;

export const BOUND_CASES: readonly Case<TransportBench>[] = [
  transportCase('limits are published, and fit each other', async ({ bench }) => {
    const { limits } = bench.open('a').transport;
    for (const [name, limit] of Object.entries(limits)) {
      expect(Number.isFinite(limit) && limit > 0, `${name} is ${String(limit)}`);
    }
    expect(limits.highWaterBytes < limits.queueBytes, 'the high-water mark lies below the bound');
    expect(limits.messageBytes + limits.highWaterBytes / 2 < limits.queueBytes, 'any message fits half a queue');
  }),
  transportCase('a queue that fills is slow, then full, and stays within its bound', async (world) => {
    const { a, near, far } = await world.pair();
    const { limits } = a.transport;
    world.bench.hold();
    const { taken, sawSlow } = fill(near, 1000);
    expect(sawSlow, 'it was slow before it was full');
    expect(near.connection.queuedBytes <= limits.queueBytes, `queued ${near.connection.queuedBytes}`);
    expect(near.connection.queuedBytes >= limits.highWaterBytes, 'a full queue is above its high-water mark');
    expectEqual(near.drains, 0, 'drained while it was filled');
    world.bench.release();
    await world.arrive(far, taken, 'what was taken');
  }),
  transportCase('below the high-water mark `send` answers `sent`, from it on `slow`', async (world) => {
    const { a, near } = await world.pair();
    const { highWaterBytes } = a.transport.limits;
    world.bench.hold();
    const message = noise(500);
    let result = near.send(message);
    for (let count = 1; result !== 'refused'; count++) {
      expect(count * message.length < MOST_BYTES, 'the queue has no bound');
      const { queuedBytes } = near.connection;
      expectEqual(result, queuedBytes < highWaterBytes ? 'sent' : 'slow', `answer at ${queuedBytes} queued bytes`);
      result = near.send(message);
    }
  }),
  transportCase('`drained` comes once when the queue has gone down, and then there is room', async (world) => {
    const { a, near, far } = await world.pair();
    const { limits } = a.transport;
    let queuedBytes = -1;
    near.hooks = {
      drained: () => {
        queuedBytes = near.connection.queuedBytes;
      },
    };
    const rounds: Uint8Array[] = [];
    for (let round = 1; round <= 3 && near.isOpen; round++) {
      rounds.push(...fill(near, 3000, round * 10_000).taken);
      await world.expectSoon(() => near.drains >= round || near.isClosed, `drained came in round ${round}`);
      if (near.isClosed) break;
      expect(queuedBytes <= limits.highWaterBytes / 2, `drained at ${queuedBytes} queued bytes`);
    }
    await world.arrive(far, rounds, 'what was taken');
    if (world.bench.isCalm) expectEqual(near.drains, 3, 'times that it was drained');
  }),
  transportCase('after `drained` the longest message is taken', async (world) => {
    const { a, near, far } = await world.pair('bulk');
    const { messageBytes } = a.transport.limits;
    const longest = noise(messageBytes, 3);
    let result: string | undefined;
    near.hooks = {
      drained: () => {
        result ??= near.send(longest);
      },
    };
    const { taken } = fill(near, messageBytes);
    await world.expectSoon(() => near.drains > 0 || near.isClosed, 'drained came');
    if (near.isClosed) return;
    expect(result === 'sent' || result === 'slow', `the longest message: ${String(result)}`);
    await world.arrive(far, [...taken, longest], 'all that was taken');
  }),
  transportCase('who was never slowed down is never drained', async (world) => {
    const { near, far } = await world.pair();
    const sent = Array.from({ length: 20 }, (_, i) => noise(200, i + 1));
    for (const message of sent) near.send(message);
    await world.arrive(far, sent, 'a few messages');
    await world.bench.rest();
    expectEqual(near.drains, 0, 'times that it was drained');
  }),
  transportCase('empty messages are not free', async (world) => {
    const { near } = await world.pair();
    world.bench.hold();
    const nothing = new Uint8Array(0);
    let count = 0;
    while (count < MOST_MESSAGES && near.send(nothing) !== 'refused') count++;
    expect(count < MOST_MESSAGES, `took ${count} empty messages`);
    expect(near.connection.queuedBytes > 0, 'they count');
  }),
  transportCase('what waits for a connection to open is bounded, too', async (world) => {
    const [a, b] = [world.bench.open('a'), world.bench.open('b')];
    const taken = world.listen(b);
    const near = world.dial(a, b.address);
    const { taken: sent } = fill(near, 2000);
    expect(near.connection.queuedBytes <= a.transport.limits.queueBytes, 'within the bound');
    await world.expectSoon(() => taken.length === 1, 'the connection was taken');
    await world.arrive(taken[0] as End, sent, 'what was taken');
  }),
  transportCase('a full connection holds up no other to the same peer', async (world) => {
    const { a, b, near, taken } = await world.pair('bulk');
    fill(near, 4000);
    const other = world.dial(a, b.address, 'bulk');
    const sent = [noise(100, 5)];
    expectEqual(other.send(sent[0] as Uint8Array), 'sent', 'a message on the other');
    await world.expectSoon(() => taken.length === 2, 'the other was taken');
    await world.arrive(taken[1] as End, sent, 'its message');
    await takenAll(world, near);
  }),
  transportCase('the queue is empty in the end, and after the end', async (world) => {
    const { near, far } = await world.pair();
    const { taken } = fill(near, 1500);
    await world.arrive(far, taken, 'what was taken');
    await world.expectSoon(() => near.connection.queuedBytes === 0, 'nothing is queued');
    near.close();
    await world.expectSoon(() => near.isClosed, 'it closed');
    expectEqual(near.send(noise(1)), 'refused', 'a message after the end');
    expectEqual(near.connection.queuedBytes, 0, 'queued bytes after the end');
  }),
];

/** Sends until the queue is full, all within one turn. */
function fill(end: End, mostBytes: number, seed: number = 1): { taken: Uint8Array[]; sawSlow: boolean } {
  const taken: Uint8Array[] = [];
  let sawSlow = false;
  let takenBytes = 0;
  for (;;) {
    expect(taken.length < MOST_MESSAGES && takenBytes < MOST_BYTES, 'the queue has no bound');
    const message = noise(1 + ((taken.length * 131) % mostBytes), seed + taken.length);
    const result = end.send(message);
    if (result === 'refused') return { taken, sawSlow };
    sawSlow ||= result === 'slow';
    taken.push(message);
    takenBytes += message.length;
  }
}

async function takenAll(world: TransportWorld, end: End): Promise<void> {
  await world.expectSoon(() => end.connection.queuedBytes === 0, 'the queue went down');
}
