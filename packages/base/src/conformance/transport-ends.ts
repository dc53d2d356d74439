/** The part of the transport suite about ends: `close` from either side, breaks, silence, and what may be heard then. */
import { type Case, expect, expectEqual, noise } from './suite.ts';
import { type End, expectPrefix, messages, type TransportBench, transportCase } from './transport-bench.ts';

export const END_CASES: readonly Case<TransportBench>[] = [
  transportCase('close ends both sides, once each', async (world) => {
    const { near, far } = await world.pair();
    near.close();
    expectEqual(near.reasons.length, 0, 'closed from within close');
    await world.expectSoon(() => near.isClosed && far.isClosed, 'both sides heard of it');
    expectEqual(`${near.reasons.join()} ${far.reasons.join()}`, 'closed closed', 'reasons');
    near.close();
    far.close();
    await world.bench.rest();
    expectEqual(near.reasons.length + far.reasons.length, 2, 'ends heard');
  }),
  transportCase('what was sent before close arrives before the end', async (world) => {
    const { near, far } = await world.pair('bulk');
    const sent = messages(80, 2000);
    for (const message of sent) near.send(message);
    near.close();
    expectEqual(near.send(noise(5)), 'refused', 'a message after close');
    await world.arrive(far, sent, 'what was sent before it');
    await world.expectSoon(() => near.isClosed && far.isClosed, 'both sides ended');
    if (world.bench.isCalm) expectEqual(far.reasons.join(), 'closed', 'the other side’s reason');
  }),
  transportCase('the side that was taken closes, with messages under way in both directions', async (world) => {
    const { near, far } = await world.pair();
    const [there, back] = [messages(60, 900, 1), messages(60, 900, 2)];
    for (const message of there) near.send(message);
    for (const message of back) far.send(message);
    far.close();
    await world.arrive(near, back, 'what the closing side sent');
    await world.expectSoon(() => near.isClosed && far.isClosed, 'both sides ended');
    expectEqual(far.messages.length, 0, 'messages for the side that closed');
  }),
  transportCase('both sides close at once', async (world) => {
    const { near, far } = await world.pair();
    for (const message of messages(20)) {
      near.send(message);
      far.send(message);
    }
    near.close();
    far.close();
    await world.expectSoon(() => near.isClosed && far.isClosed, 'both sides ended');
    expectEqual(`${near.reasons.join()} ${far.reasons.join()}`, 'closed closed', 'reasons');
    expectEqual(near.messages.length + far.messages.length, 0, 'messages after close');
  }),
  transportCase('close in the middle of `received`: nothing follows but the end', async (world) => {
    const { near, far } = await world.pair();
    const sent = messages(50);
    far.hooks = {
      received: () => {
        if (far.messages.length === 5) far.close();
      },
    };
    for (const message of sent) near.send(message);
    await world.expectSoon(() => near.isClosed && far.isClosed, 'both sides ended');
    expectPrefix(far, sent, 'what it heard');
    expect(far.messages.length <= 5, `heard ${far.messages.length} messages`);
    if (world.bench.isCalm) expectEqual(far.messages.length, 5, 'messages');
  }),
  transportCase('close in `opened`, and while somebody is asked for a handler', async (world) => {
    const [a, b] = [world.bench.open('a'), world.bench.open('b')];
    const taken = world.listen(b, (end) => end.close());
    const hasty = world.dial(a, b.address, 'urgent', { opened: () => hasty.close() });
    const patient = world.dial(a, b.address, 'urgent');
    await world.expectSoon(() => hasty.isClosed && patient.isClosed, 'both dialing sides ended');
    await world.expectSoon(() => taken.length === 2 && taken.every((end) => end.isClosed), 'the taken sides ended');
    expectEqual(taken.map((end) => end.opens).join(), '0,0', '`opened` after a close in accept');
  }),
  transportCase('close before it is open: only the end is heard', async (world) => {
    const [a, b] = [world.bench.open('a'), world.bench.open('b')];
    const taken = world.listen(b);
    const near = world.dial(a, b.address);
    near.send(noise(10));
    near.close();
    await world.expectSoon(() => near.isClosed, 'it ended');
    await world.expectSoon(() => taken.every((end) => end.isClosed), 'so did the other side, if it ever began');
    expectEqual(`${near.opens} ${near.reasons.join()}`, '0 closed', 'what was heard');
    expectEqual(
      taken.reduce((sum, end) => sum + end.messages.length, 0),
      0,
      'messages of a connection given up',
    );
  }),
  transportCase('close in `closed`, and sending there, do nothing', async (world) => {
    const { near, far } = await world.pair();
    const results: string[] = [];
    far.hooks = {
      closed: () => {
        results.push(far.send(noise(3)));
        far.close();
      },
    };
    near.close();
    await world.expectSoon(() => far.isClosed && near.isClosed, 'both sides ended');
    expectEqual(results.join(), 'refused', 'a message in `closed`');
  }),
  transportCase('a break is heard by both sides, and what arrived is a beginning', async (world) => {
    const { near, far } = await world.pair('bulk');
    const sent = messages(200, 2000);
    for (const message of sent) near.send(message);
    await world.bench.until(() => far.messages.length >= 20 || far.isClosed);
    world.bench.reset();
    await world.expectSoon(() => near.isClosed && far.isClosed, 'both sides ended');
    expectPrefix(far, sent, 'what arrived');
    for (const reason of [...near.reasons, ...far.reasons]) {
      expect(reason === 'reset' || reason === 'timed-out', `the reason is ${reason}`);
    }
    expectEqual(near.send(noise(1)), 'refused', 'a message after the break');
  }),
  transportCase('a break ends connections that were idle, and a new one can be made', async (world) => {
    const { a, b, near, far, taken } = await world.pair();
    world.bench.reset();
    await world.expectSoon(() => near.isClosed && far.isClosed, 'both sides ended');
    const again = world.dial(a, b.address);
    const sent = messages(10);
    for (const message of sent) again.send(message);
    await world.expectSoon(() => taken.length === 2, 'a second was taken');
    await world.arrive(taken[1] as End, sent, 'messages on the second');
    expectEqual(near.messages.length + far.messages.length, 0, 'messages on the first');
  }),
  transportCase('a dial in `closed` makes a new connection', async (world) => {
    const { a, b, near, taken } = await world.pair();
    const sent = messages(5);
    let again: End | undefined;
    near.hooks = {
      closed: () => {
        again = world.dial(a, b.address);
        for (const message of sent) again.send(message);
      },
    };
    world.bench.reset();
    await world.expectSoon(() => again !== undefined && taken.length === 2, 'the second was taken');
    await world.arrive(taken[1] as End, sent, 'messages on it');
  }),
  transportCase('a pause that is short enough loses nothing', async (world) => {
    const { a, near, far } = await world.pair();
    const sent = messages(100);
    for (const message of sent.slice(0, 50)) near.send(message);
    world.bench.hold();
    for (const message of sent.slice(50)) near.send(message);
    await world.bench.rest();
    expect(a.transport.limits.silenceMs > 0, 'a limit of silence');
    world.bench.release();
    await world.arrive(far, sent, 'what was sent before and during the pause');
  }),
  transportCase('a peer that falls silent is noticed by both sides, busy or idle', async (world) => {
    const { a, b, near, far, taken } = await world.pair();
    const idle = world.dial(a, b.address, 'bulk');
    await world.expectSoon(() => idle.opens > 0 && taken.length === 2, 'the second is open');
    world.bench.hold();
    near.send(noise(100));
    const ends = [near, far, idle, taken[1] as End];
    await world.expectSoon(() => ends.every((end) => end.isClosed), 'all ends heard of the silence');
    expectEqual(ends.map((end) => end.reasons.join()).join(), 'timed-out,timed-out,timed-out,timed-out', 'reasons');
    world.bench.release();
    const again = world.dial(a, b.address);
    await world.expectSoon(() => again.opens > 0, 'a new one opens when there is an answer again');
  }),
  transportCase('a dial into silence times out', async (world) => {
    const [a, b] = [world.bench.open('a'), world.bench.open('b')];
    const taken = world.listen(b);
    world.bench.hold();
    const near = world.dial(a, b.address);
    near.send(noise(10));
    await world.expectSoon(() => near.isClosed, 'it gave up');
    expectEqual(`${near.opens} ${near.reasons.join()}`, '0 timed-out', 'what was heard');
    world.bench.release();
    await world.bench.rest();
    expectEqual(
      taken.reduce((sum, end) => sum + end.messages.length, 0),
      0,
      'messages of a connection given up',
    );
  }),
];
