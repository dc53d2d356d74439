/** What a node's exchanges refuse, leave out and give up. One test per claim. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { decodeExchange, encodeExchange } from '../../src/exchange/codec.ts';
import { Exchanges, type HandledEffect } from '../../src/exchange/exchanges.ts';
import { EXCHANGE_LIMITS as LIMITS } from '../../src/exchange/limits.ts';
import type { Envelope, ExchangeMessage } from '../../src/exchange/messages.ts';
import type { SessionResult } from '../../src/exchange/session.ts';
import type { LeafSource } from '../../src/exchange/source.ts';
import { differingKeys, drawStores, PARTITION } from './differences.ts';
import { keysIn, MemoryStore } from './memory-store.ts';
import { CLASS, kindsOf, World } from './world.ts';

const PEER = 9;

interface Alone {
  readonly exchanges: Exchanges;
  readonly store: MemoryStore;
}

/** One node; the test is the other one. */
function alone(source?: LeafSource): Alone {
  const { stores } = drawStores(new SimRandom(3), { stores: 1, equalKeys: 300, differingKeys: 0 }, { depth: 6 });
  const [store] = stores as [MemoryStore];
  const accept = () => ({ placement: 7, source: source ?? store, ageMs: () => 1e9 });
  return { exchanges: new Exchanges({ firstSession: 1, accept }), store };
}

function message(sequence: number, body: ExchangeMessage, of: Partial<Envelope> = {}): Uint8Array {
  return encodeExchange({ envelope: { session: 1, fromOpener: true, sequence, placement: 7, ...of }, message: body });
}

const OPEN: ExchangeMessage = {
  kind: 'open',
  placementClass: CLASS,
  ...PARTITION,
  depth: 6,
  youngMs: 0,
  rootLow: 1,
  rootHigh: 2,
};

function sentIn(effects: readonly HandledEffect[]): readonly ExchangeMessage[] {
  return effects.flatMap(({ effect }) => (effect.kind === 'send' ? [decodeExchange(effect.bytes).message] : []));
}

function reasonIn(effects: readonly HandledEffect[]): string | undefined {
  return sentIn(effects).find((sent) => sent.kind === 'abort')?.reason;
}

function resultIn(effects: readonly HandledEffect[]): SessionResult | undefined {
  return effects.flatMap(({ effect }) => (effect.kind === 'ended' ? [effect.result] : []))[0];
}

test('keys younger than two seconds are left out, counted on both sides, and go in the next exchange', () => {
  const { stores, keys } = drawStores(new SimRandom(2), { stores: 2, equalKeys: 200, differingKeys: 20 });
  const old = differingKeys(stores).length;
  const world = new World({ stores, youngMs: 2000 });
  const young = new Set(keys.slice(0, 5));
  for (const key of young) stores[0]?.write(key, 'young', world.stampNow() - 1999 * 4096);
  for (const key of keys.slice(5, 8)) stores[1]?.write(key, 'young', world.stampNow() - 1999 * 4096);
  world.open(0, 1);
  world.run();
  assert.deepEqual(
    world.ended.map(({ result }) => [result.outcome, result.leftOut]),
    [
      ['complete', 8],
      ['complete', 8],
    ],
  );
  assert.ok(differingKeys(stores).length === 8 && old > 0);
  world.nowMs += 1;
  world.open(1, 0);
  world.run();
  assert.deepEqual(differingKeys(stores), []);
});

test('an exchange for a seat that fills leaves nothing out', () => {
  const { stores, keys } = drawStores(new SimRandom(2), { stores: 2, equalKeys: 200, differingKeys: 20 });
  const world = new World({ stores, youngMs: 0 });
  for (const key of keys.slice(0, 5)) stores[0]?.write(key, 'young', world.stampNow());
  world.open(1, 0);
  world.run();
  assert.deepEqual(differingKeys(stores), []);
});

test('another placement number at the answerer ends the session before anything is said', () => {
  const { stores } = drawStores(new SimRandom(2), { stores: 2, equalKeys: 20, differingKeys: 20 });
  const world = new World({ stores });
  world.placements = [7, 8];
  world.open(0, 1);
  world.run();
  assert.deepEqual(kindsOf(world), ['open', 'abort']);
  assert.equal(decodeExchange(world.sent[1]?.bytes ?? new Uint8Array(0)).envelope.placement, 8);
  assert.deepEqual(
    world.ended.map(({ result }) => result.reason),
    ['placement-changed'],
  );
});

test('a message under another placement number ends the session and changes nothing', () => {
  const { exchanges, store } = alone();
  const before = store.contents();
  exchanges.receive(PEER, message(0, OPEN), 0);
  const [key] = keysIn(PARTITION, 1) as [Uint8Array];
  const records: ExchangeMessage = { kind: 'records', records: [{ key, record: new Uint8Array(60) }] };
  const effects = exchanges.receive(PEER, message(1, records, { placement: 8 }), 0);
  assert.equal(reasonIn(effects), 'placement-changed');
  assert.equal(resultIn(effects)?.outcome, 'aborted');
  assert.deepEqual(store.contents(), before);
  assert.equal(exchanges.count, 0);
});

test('a message that comes twice counts once; one that is missing ends the session', () => {
  const { exchanges } = alone();
  assert.equal(sentIn(exchanges.receive(PEER, message(0, OPEN), 0))[0]?.kind, 'opened');
  assert.deepEqual(exchanges.receive(PEER, message(0, OPEN), 0), []);
  const list: ExchangeMessage = {
    kind: 'list',
    leaves: Uint16Array.of(3),
    counts: Uint16Array.of(0),
    after: undefined,
    upto: undefined,
    digests: { low: new Uint32Array(0), high: new Uint32Array(0) },
  };
  const kinds = sentIn(exchanges.receive(PEER, message(1, list), 0)).map(({ kind }) => kind);
  assert.deepEqual(kinds, ['records', 'differs']);
  assert.equal(reasonIn(exchanges.receive(PEER, message(3, list), 0)), 'message-lost');
  assert.equal(exchanges.count, 0);
});

test('one session too many is refused on both sides', () => {
  const { exchanges, store } = alone();
  for (let n = 0; n < LIMITS.sessions; n += 1) {
    assert.equal(reasonIn(exchanges.receive(PEER, message(0, OPEN, { session: n }), 0)), undefined);
  }
  assert.equal(reasonIn(exchanges.receive(PEER, message(0, OPEN, { session: 999 }), 0)), 'too-many-sessions');
  const terms = { ...PARTITION, placement: 7, placementClass: CLASS, source: store, youngMs: 0, ageMs: () => 0 };
  assert.equal(exchanges.open(PEER, terms, 0), undefined);
  const ended = exchanges.peerLost(PEER, 0).map(({ effect }) => effect.kind);
  assert.deepEqual(new Set(ended), new Set(['ended']));
  assert.equal(exchanges.count, 0);
});

test('a silent session ends, and is not held any longer', () => {
  const { exchanges } = alone();
  exchanges.receive(PEER, message(0, OPEN), 1000);
  assert.deepEqual(exchanges.tick(1000 + LIMITS.idleMs - 1), []);
  const effects = exchanges.tick(1000 + LIMITS.idleMs);
  assert.equal(reasonIn(effects), 'idle');
  assert.equal(resultIn(effects)?.reason, 'idle');
  assert.equal(exchanges.count, 0);
});

test('a session that is not known is refused; a refusal is not answered', () => {
  const { exchanges } = alone();
  assert.equal(reasonIn(exchanges.receive(PEER, message(4, { kind: 'finish', leftOut: 0 }), 0)), 'unknown-session');
  assert.deepEqual(exchanges.receive(PEER, message(0, { kind: 'abort', reason: 'idle' }), 0), []);
});

test('a tree that is being built refuses the exchange', () => {
  const { store } = alone();
  const source: LeafSource = {
    tree: () => undefined,
    list: (request) => store.list(request),
    record: (key) => store.record(key),
    positionOf: (key) => store.positionOf(key),
  };
  const { exchanges } = alone(source);
  assert.equal(reasonIn(exchanges.receive(PEER, message(0, OPEN), 0)), 'no-tree');
  const terms = { ...PARTITION, placement: 7, placementClass: CLASS, source, youngMs: 0, ageMs: () => 0 };
  assert.equal(resultIn(exchanges.open(PEER, terms, 0) ?? [])?.reason, 'no-tree');
  assert.equal(exchanges.count, 0);
});

test('what may not come now, or not at all, ends the session', () => {
  const [mine] = keysIn(PARTITION, 1) as [Uint8Array];
  const [foreign] = keysIn({ ...PARTITION, partition: 4 }, 1) as [Uint8Array];
  const record = new Uint8Array(60);
  const bad: readonly (readonly [string, ExchangeMessage])[] = [
    ['a second opening', OPEN],
    ['an answer to no question', { kind: 'differs', count: 0, lacking: new Uint8Array(0), leftOut: 0 }],
    ['an acknowledgement of nothing', { kind: 'acknowledged', total: 1 }],
    ['a key of another partition', { kind: 'records', records: [{ key: foreign, record }] }],
    ['bytes that are no key', { kind: 'records', records: [{ key: mine.subarray(0, 3), record }] }],
    ['a level that is too deep', { kind: 'ask', level: 6, childLevel: 7, parents: Uint16Array.of(1) }],
  ];
  for (const [what, body] of bad) {
    const { exchanges } = alone();
    exchanges.receive(PEER, message(0, OPEN), 0);
    assert.equal(reasonIn(exchanges.receive(PEER, message(1, body), 0)), 'bad-message', what);
    assert.equal(exchanges.count, 0, what);
  }
});

test('a sender that does not wait for acknowledgements is cut off at the window', () => {
  const { exchanges } = alone();
  exchanges.receive(PEER, message(0, OPEN), 0);
  const keys = keysIn(PARTITION, LIMITS.windowRecords + 1);
  const records = keys.map((key): { key: Uint8Array; record: Uint8Array } => ({ key, record: new Uint8Array(60) }));
  const half = LIMITS.windowRecords / 2;
  const page = (from: number, to: number): ExchangeMessage => ({ kind: 'records', records: records.slice(from, to) });
  assert.equal(reasonIn(exchanges.receive(PEER, message(1, page(0, half)), 0)), undefined);
  assert.equal(reasonIn(exchanges.receive(PEER, message(2, page(half, half * 2)), 0)), undefined);
  assert.equal(reasonIn(exchanges.receive(PEER, message(3, page(half * 2, half * 2 + 1)), 0)), 'bad-message');
});

test('it is complete only when every merge is durable: until then nothing is acknowledged and nothing finished', () => {
  const { exchanges } = alone();
  exchanges.receive(PEER, message(0, OPEN), 0);
  const records = keysIn(PARTITION, 2).map((key) => ({ key, record: new Uint8Array(60) }));
  const effects = exchanges.receive(PEER, message(1, { kind: 'records', records }), 0);
  const [first, second] = effects.flatMap(({ handle, effect }) =>
    effect.kind === 'merge' ? [{ handle, token: effect.token }] : [],
  );
  assert.ok(first !== undefined && second !== undefined);
  const merged = (token: number) => ({ kind: 'merged', token, senderLacks: false }) as const;
  assert.deepEqual(sentIn(exchanges.answer(second.handle, merged(second.token), 0)), []);
  assert.deepEqual(sentIn(exchanges.answer(second.handle, merged(second.token), 0)), [], 'answered twice');
  const last = exchanges.answer(first.handle, merged(first.token), 0);
  assert.deepEqual(sentIn(last), [{ kind: 'acknowledged', total: 2 }]);
  const finished = exchanges.receive(PEER, message(2, { kind: 'finish', leftOut: 0 }), 5);
  assert.deepEqual(sentIn(finished), [{ kind: 'finished' }]);
  const result = resultIn(finished);
  assert.deepEqual(
    [result?.outcome, result?.recordsReceived, result?.begunAtMs, result?.endedAtMs],
    ['complete', 2, 0, 5],
  );
});

test('a finish before everything is durable, and a merge that fails, end it unfinished', () => {
  for (const fails of [false, true]) {
    const { exchanges } = alone();
    exchanges.receive(PEER, message(0, OPEN), 0);
    const records = keysIn(PARTITION, 1).map((key) => ({ key, record: new Uint8Array(60) }));
    const [merge] = exchanges.receive(PEER, message(1, { kind: 'records', records }), 0);
    const effects = fails
      ? exchanges.answer(merge?.handle ?? 0, { kind: 'fail', reason: 'merge-failed' }, 0)
      : exchanges.receive(PEER, message(2, { kind: 'finish', leftOut: 0 }), 0);
    assert.equal(resultIn(effects)?.outcome, 'aborted');
    assert.equal(reasonIn(effects), fails ? 'merge-failed' : 'bad-message');
  }
});
