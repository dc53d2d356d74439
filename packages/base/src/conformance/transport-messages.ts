/** The part of the transport suite about messages: order, lengths, buffers, and connections that do not wait for another. */
import { InvariantError } from '../assert.ts';
import type { ConnectionKind } from '../ports/transport.ts';
import { type Case, expect, expectBytes, expectEqual, expectThrows, noise } from './suite.ts';
import { type End, messages, type TransportBench, transportCase } from './transport-bench.ts';

const KINDS: readonly ConnectionKind[] = ['urgent', 'bulk'];

export const MESSAGE_CASES: readonly Case<TransportBench>[] = [
  ...KINDS.map((kind) =>
    transportCase(`messages arrive in order, whole and once: ${kind}`, async (world) => {
      const { near, far } = await world.pair(kind);
      const sent = messages(300);
      for (const message of sent) near.send(message);
      await world.arrive(far, sent, 'what was sent');
    }),
  ),
  transportCase('both directions at once, over many turns', async (world) => {
    const { near, far } = await world.pair();
    const [there, back] = [messages(120, 2000, 1), messages(120, 2000, 2)];
    for (let i = 0; i < 120; i++) {
      near.send(there[i] as Uint8Array);
      far.send(back[i] as Uint8Array);
      if (i % 10 === 9) await world.bench.until(() => far.messages.length > i || far.isClosed);
    }
    await world.arrive(far, there, 'what went there');
    await world.arrive(near, back, 'what came back');
  }),
  transportCase('an empty message is a message', async (world) => {
    const { near, far } = await world.pair();
    const sent = [new Uint8Array(0), Uint8Array.of(1), new Uint8Array(0), new Uint8Array(0)];
    for (const message of sent) near.send(message);
    await world.arrive(far, sent, 'empty messages');
  }),
  transportCase('a message of the longest length arrives, between short ones', async (world) => {
    const { a, near, far } = await world.pair('bulk');
    const sent = [noise(3), noise(a.transport.limits.messageBytes, 7), noise(5)];
    for (const message of sent) {
      const taken = near.send(message);
      if (!near.isClosed) expect(taken !== 'refused', `a message of ${message.length} bytes on an idle connection`);
    }
    await world.arrive(far, sent, 'the longest message');
  }),
  transportCase('a message that is too long is refused, and harms nothing', async (world) => {
    const { a, near, far } = await world.pair();
    const sent = messages(3);
    near.send(sent[0] as Uint8Array);
    const before = near.connection.queuedBytes;
    expectEqual(near.send(new Uint8Array(a.transport.limits.messageBytes + 1)), 'refused', 'a message too long');
    expectEqual(near.connection.queuedBytes, before, 'queued bytes after it');
    for (const message of sent.slice(1)) near.send(message);
    await world.arrive(far, sent, 'the others');
  }),
  transportCase('a range of a buffer is sent, and the buffer is the caller’s again', async (world) => {
    const { near, far } = await world.pair();
    const buffer = noise(500);
    const wanted = [buffer.slice(100, 200), buffer.slice(0, 1), buffer.slice(500, 500), buffer.slice(499, 500)];
    world.call(() => near.connection.send(buffer, 100, 200));
    world.call(() => near.connection.send(buffer, 0, 1));
    world.call(() => near.connection.send(buffer, 500, 500));
    world.call(() => near.connection.send(buffer, 499, 500));
    buffer.fill(0xee);
    await world.arrive(far, wanted, 'ranges');
  }),
  transportCase('a range outside its buffer is a bug of the caller', async (world) => {
    const { near, far } = await world.pair();
    const buffer = new Uint8Array(10);
    for (const [start, end] of [
      [-1, 5],
      [0, 11],
      [6, 5],
      [0.5, 5],
      [Number.NaN, 5],
    ] as const) {
      expectThrows(InvariantError, () => near.connection.send(buffer, start, end), `from ${start} to ${end}`);
    }
    const sent = messages(1);
    near.send(sent[0] as Uint8Array);
    await world.arrive(far, sent, 'the message after them');
  }),
  transportCase('bytes are bytes: every value, at both ends of a message', async (world) => {
    const { near, far } = await world.pair();
    const sent = Array.from({ length: 256 }, (_, i) => Uint8Array.of(i, 0, 0xff, 13, 10, 255 - i));
    for (const message of sent) near.send(message);
    await world.arrive(far, sent, 'all values');
  }),
  transportCase('what is sent before the connection is open waits, and keeps its order', async (world) => {
    const [a, b] = [world.bench.open('a'), world.bench.open('b')];
    const taken = world.listen(b);
    const sent = messages(20);
    const late = sent.slice(10);
    const near: End = world.dial(a, b.address, 'urgent', { opened: () => late.forEach((each) => near.send(each)) });
    for (const message of sent.slice(0, 10)) near.send(message);
    await world.expectSoon(() => taken.length === 1, 'the connection was taken');
    await world.arrive(taken[0] as End, sent, 'early messages');
  }),
  transportCase('the side that takes may send in `opened`, and nothing is heard before `opened`', async (world) => {
    const [a, b] = [world.bench.open('a'), world.bench.open('b')];
    const sent = messages(10);
    world.listen(b, (end) => {
      end.hooks = { opened: () => sent.forEach((each) => end.send(each)) };
    });
    const near = world.dial(a, b.address);
    await world.expectSoon(() => near.opens > 0 || near.isClosed, 'it opened');
    await world.arrive(near, sent, 'a greeting');
  }),
  transportCase('answers out of `received`, back and forth', async (world) => {
    const { near, far } = await world.pair();
    const sent = messages(40);
    far.hooks = { received: (bytes, start, end) => void far.send(bytes.slice(start, end)) };
    near.hooks = {
      received: () => {
        const next = sent[near.messages.length];
        if (next !== undefined) near.send(next);
      },
    };
    near.send(sent[0] as Uint8Array);
    await world.expectSoon(() => near.messages.length === sent.length || near.isClosed, 'all answers came');
    await world.arrive(near, sent.slice(0, near.isClosed ? near.messages.length : sent.length), 'answers');
    near.messages.forEach((message, i) => expectBytes(message, sent[i] as Uint8Array, `answer ${i}`));
  }),
  transportCase('many connections, each ordered in itself, none mixed up', async (world) => {
    const [a, b] = [world.bench.open('a'), world.bench.open('b')];
    const taken = world.listen(b);
    const dialed = Array.from({ length: 24 }, (_, i) => world.dial(a, b.address, KINDS[i % 2] as ConnectionKind));
    await world.expectSoon(() => dialed.every((end) => end.opens > 0), 'all are open');
    await world.expectSoon(() => taken.length === dialed.length, 'all were taken');
    const sent = dialed.map((_, i) => messages(30, 500, i + 1));
    for (let round = 0; round < 30; round++) {
      dialed.forEach((end, i) => void end.send(sent[i]?.[round] as Uint8Array));
    }
    await world.expectSoon(() => taken.every((end) => end.isClosed || end.messages.length === 30), 'all has arrived');
    const seen = new Set<number>();
    for (const end of taken) {
      const seed = end.messages[0]?.[3];
      if (seed === undefined) continue;
      expect(!seen.has(seed), `connection ${seed} arrived twice`);
      seen.add(seed);
      await world.arrive(end, sent[seed - 1] as Uint8Array[], `connection ${seed}`);
    }
    if (world.bench.isCalm) expectEqual(seen.size, dialed.length, 'connections that carried something');
  }),
  transportCase('kinds are told to both sides, and a bulk backlog holds up no urgent message', async (world) => {
    const { a, b, far, near, taken } = await world.pair('bulk');
    const urgent = world.dial(a, b.address, 'urgent');
    await world.expectSoon(() => urgent.opens > 0 && taken.length === 2, 'the second is open');
    expectEqual(`${near.connection.kind} ${far.connection.kind}`, 'bulk bulk', 'kinds of the first');
    expectEqual(`${urgent.connection.kind} ${taken[1]?.connection.kind}`, 'urgent urgent', 'kinds of the second');
    const backlog: Uint8Array[] = [];
    for (let result = 'sent'; result === 'sent'; ) {
      expect(backlog.length < 10_000, 'a queue that never is slow');
      const message = noise(4096, backlog.length + 1);
      result = near.send(message);
      if (result !== 'refused') backlog.push(message);
    }
    const sent = messages(1);
    urgent.send(sent[0] as Uint8Array);
    await world.arrive(taken[1] as End, sent, 'the urgent message');
    await world.arrive(far, backlog, 'the backlog');
  }),
];
