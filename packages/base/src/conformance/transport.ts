/**
 * The conformance suite of the `Transport` port: who may talk to whom, and the life of a transport. Messages, bounds and
 * ends have files of their own. The cases pass on a network that breaks connections by itself, too.
 */
import { InvariantError } from '../assert.ts';
import { type Case, expectEqual, expectList, expectThrows, noise } from './suite.ts';
import { type End, messages, type TransportBench, transportCase } from './transport-bench.ts';
import { BOUND_CASES } from './transport-bounds.ts';
import { END_CASES } from './transport-ends.ts';
import { MESSAGE_CASES } from './transport-messages.ts';

const PEER_CASES: readonly Case<TransportBench>[] = [
  transportCase('both sides learn who the other is, and not before it is open', async (world) => {
    const [a, b] = [world.bench.open('a', { boot: 3 }), world.bench.open('b', { boot: 2 ** 40 + 1 })];
    const taken = world.listen(b);
    const near = world.dial(a, b.address);
    expectEqual(near.connection.peer?.node, undefined, 'a peer before it is open');
    await world.expectSoon(() => near.opens > 0 && taken[0]?.opens === 1, 'both sides are open');
    const [there, here] = [near.connection.peer, taken[0]?.connection.peer];
    expectList([there?.node ?? '', there?.boot ?? -1], ['b', 2 ** 40 + 1], 'the peer of the dialing side');
    expectList([here?.node ?? '', here?.boot ?? -1], ['a', 3], 'the peer of the side that was taken');
    expectEqual(there?.clusterId, here?.clusterId, 'the cluster');
    expectEqual(there?.formatNumber, here?.formatNumber, 'the format number');
    expectEqual(there?.features.join(), here?.features.join(), 'the features');
  }),
  transportCase('a peer of another cluster is refused, and hears nothing', async (world) => {
    const [a, b] = [world.bench.open('a'), world.bench.open('b', { clusterId: 'another' })];
    const [takenA, takenB] = [world.listen(a), world.listen(b)];
    const [there, back] = [world.dial(a, b.address), world.dial(b, a.address, 'bulk')];
    there.send(noise(10));
    back.send(noise(10));
    await world.expectSoon(() => there.isClosed && back.isClosed, 'both were refused');
    expectList([...there.reasons, ...back.reasons], ['wrong-peer', 'wrong-peer'], 'reasons');
    await world.bench.rest();
    expectEqual(there.opens + back.opens + takenA.length + takenB.length, 0, 'connections that were opened');
    expectEqual(there.connection.peer?.node, undefined, 'the peer of a connection that never was');
  }),
  transportCase('a peer that claims the same name is refused', async (world) => {
    const [a, twin] = [world.bench.open('a'), world.bench.open('a', { address: 'elsewhere', boot: 9 })];
    const taken = world.listen(twin);
    const near = world.dial(a, twin.address);
    await world.expectSoon(() => near.isClosed, 'it was refused');
    expectEqual(`${near.opens} ${near.reasons.join()} ${taken.length}`, '0 wrong-peer 0', 'what was heard');
  }),
  transportCase('where nobody listens, or nobody is, a dial is refused', async (world) => {
    const [a, b] = [world.bench.open('a'), world.bench.open('b')];
    const dialed = [world.dial(a, b.address), world.dial(a, world.bench.nowhere)];
    dialed[0]?.send(noise(10));
    expectEqual(dialed.filter((end) => end.isClosed).length, 0, 'ends within connect');
    await world.expectSoon(() => dialed.every((end) => end.isClosed), 'both were refused');
    expectList(
      dialed.map((end) => `${end.opens} ${end.reasons.join()}`),
      ['0 refused', '0 refused'],
      'what was heard',
    );
    const taken = world.listen(b);
    const later = world.dial(a, b.address);
    await world.expectSoon(() => later.opens > 0 && taken.length === 1, 'once somebody listens, it opens');
  }),
  transportCase('two nodes dial each other at once: two connections', async (world) => {
    const [a, b] = [world.bench.open('a'), world.bench.open('b')];
    const [takenA, takenB] = [world.listen(a), world.listen(b)];
    const [there, back] = [world.dial(a, b.address), world.dial(b, a.address)];
    const [first, second] = [messages(10, 100, 1), messages(10, 100, 2)];
    for (const message of first) there.send(message);
    for (const message of second) back.send(message);
    await world.expectSoon(() => takenA.length === 1 && takenB.length === 1, 'both were taken');
    await world.arrive(takenB[0] as End, first, 'what went there');
    await world.arrive(takenA[0] as End, second, 'what came back');
  }),
];

const LIFE_CASES: readonly Case<TransportBench>[] = [
  transportCase('a connection to oneself is a bug of the caller', async (world) => {
    const a = world.bench.open('a');
    const taken = world.listen(a);
    expectThrows(InvariantError, () => world.dial(a, a.address), 'a dial to itself');
    await world.bench.rest();
    expectEqual(taken.length, 0, 'connections');
  }),
  transportCase('a second listen is a bug of the caller', async (world) => {
    const a = world.bench.open('a');
    world.listen(a);
    expectThrows(InvariantError, () => world.listen(a), 'a second listen');
  }),
  transportCase('closing a transport ends all its connections and settles when all is said', async (world) => {
    const { a, b, near, far, taken } = await world.pair();
    const second = world.dial(a, b.address, 'bulk');
    const dialing = world.dial(a, world.bench.nowhere);
    await world.expectSoon(() => second.opens > 0 && taken.length === 2, 'the second is open');
    let settled = false;
    const heard: boolean[] = [];
    const closing = world
      .call(() => a.transport.close())
      .then(() => {
        heard.push(near.isClosed, second.isClosed, dialing.isClosed);
        settled = true;
      });
    await world.expectSoon(() => settled, 'close settled');
    await closing;
    expectList(heard.map(String), ['true', 'true', 'true'], 'who had heard of it by then');
    await world.expectSoon(() => far.isClosed && (taken[1] as End).isClosed, 'the other sides heard of it');
    expectEqual(far.reasons.join(), 'closed', 'the other side’s reason');
  }),
  transportCase('closing a transport lets out what was sent', async (world) => {
    const { a, near, far } = await world.pair('bulk');
    const sent = messages(60, 3000);
    for (const message of sent) near.send(message);
    let settled = false;
    const closing = world
      .call(() => a.transport.close())
      .then(() => {
        settled = true;
      });
    await world.arrive(far, sent, 'what was sent before');
    await world.expectSoon(() => settled, 'close settled');
    await closing;
  }),
  transportCase('a closed transport takes nobody, and is closed twice at no harm', async (world) => {
    const [a, b] = [world.bench.open('a'), world.bench.open('b')];
    const taken = world.listen(b);
    let settled = 0;
    const closing = [b.transport.close(), b.transport.close()].map((work) => work.then(() => settled++));
    await world.expectSoon(() => settled === 2, 'both calls settled');
    await Promise.all(closing);
    const near = world.dial(a, b.address);
    await world.expectSoon(() => near.isClosed, 'a dial was refused');
    expectEqual(`${near.reasons.join()} ${taken.length}`, 'refused 0', 'what was heard');
    expectThrows(InvariantError, () => world.dial(b, a.address), 'connect after close');
    expectThrows(InvariantError, () => world.listen(b), 'listen after close');
  }),
  transportCase('a node that starts again at its address is found, with its new boot number', async (world) => {
    const { a, b, near, far } = await world.pair();
    let settled = false;
    const closing = b.transport.close().then(() => {
      settled = true;
    });
    await world.expectSoon(() => settled && near.isClosed && far.isClosed, 'the first life is over');
    await closing;
    const next = world.bench.open('b', { boot: 2 });
    expectEqual(next.address, b.address, 'the address');
    const taken = world.listen(next);
    const again = world.dial(a, next.address);
    const sent = messages(10);
    for (const message of sent) again.send(message);
    await world.expectSoon(() => again.opens > 0 && taken.length === 1, 'the second life is found');
    expectEqual(again.connection.peer?.boot, 2, 'its boot number');
    await world.arrive(taken[0] as End, sent, 'messages to the second life');
    expectEqual(far.messages.length, 0, 'messages to the first');
  }),
];

/** Every case of the port. */
export const TRANSPORT_CASES: readonly Case<TransportBench>[] = [
  ...PEER_CASES,
  ...LIFE_CASES,
  ...MESSAGE_CASES,
  ...BOUND_CASES,
  ...END_CASES,
];
