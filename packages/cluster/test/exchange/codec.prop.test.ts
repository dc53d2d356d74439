/** A message comes back as it was; bytes that are no message are refused, whatever they claim. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SimRandom } from '@torc/sim/random';
import { decodeExchange, encodeExchange, type Enveloped } from '../../src/exchange/codec.ts';
import { EXCHANGE_LIMITS as LIMITS } from '../../src/exchange/limits.ts';
import { ABORT_REASONS, type ExchangeMessage, type Lanes } from '../../src/exchange/messages.ts';
import { decodeTree, encodeTree } from '../../src/exchange/tree-codec.ts';
import { LeafTree } from '../../src/exchange/tree.ts';
import { keysIn, MemoryStore, positionIn } from './memory-store.ts';
import { transcriptOf } from './transcript.ts';
import { isRefused, World } from './world.ts';

const KINDS = 12;

function draw(random: SimRandom, kind: number): ExchangeMessage {
  const bytes = (most: number): Uint8Array => Uint8Array.from({ length: random.below(most) }, () => random.below(256));
  const some = (count: number, limit: number): Uint16Array => {
    const nodes = new Set(Array.from({ length: count }, () => random.below(limit)));
    return Uint16Array.from(nodes).toSorted();
  };
  const [rootLow, rootHigh] = [random.uint32(), random.uint32()];
  switch (kind) {
    case 0: {
      const partitionBits = random.below(15);
      const placed = { partitionBits, partition: random.below(2 ** partitionBits), placementClass: 'a-class' };
      return { kind: 'open', ...placed, depth: random.below(15), youngMs: random.uint32(), rootLow, rootHigh };
    }
    case 1:
      return { kind: 'same', rootLow, rootHigh };
    case 2: {
      const level = random.below(7);
      return { kind: 'opened', depth: level + random.below(8), level, hashes: lanes(random, 2 ** level) };
    }
    case 3: {
      const level = random.below(9);
      return {
        kind: 'ask',
        level,
        childLevel: level + 1 + random.below(5),
        parents: some(1 + random.below(40), 2 ** level),
      };
    }
    case 4:
      return { kind: 'hashes', level: random.below(15), hashes: lanes(random, 1 + random.below(200)) };
    case 5: {
      const leaves = some(1 + random.below(20), 2 ** 14);
      const counts = leaves.map(() => random.below(8));
      const key = (): Uint8Array | undefined => (random.chance(0.5) ? bytes(30) : undefined);
      const total = counts.reduce((sum, count) => sum + count, 0);
      return { kind: 'list', leaves, counts, after: key(), upto: key(), digests: lanes(random, total) };
    }
    case 6: {
      const count = random.below(100);
      const lacking = new Uint8Array(Math.ceil(count / 8));
      for (let at = 0; at < count; at += 1)
        if (random.chance(0.3)) lacking[at >>> 3] = (lacking[at >>> 3] as number) | (1 << (at & 7));
      return { kind: 'differs', count, lacking, leftOut: random.below(1000) };
    }
    case 7:
      return {
        kind: 'records',
        records: Array.from({ length: 1 + random.below(9) }, () => ({ key: bytes(30), record: bytes(90) })),
      };
    case 8:
      return { kind: 'acknowledged', total: random.uint32() * 1000 };
    case 9:
      return { kind: 'finish', leftOut: random.uint32() * 1000 };
    case 10:
      return { kind: 'finished' };
    default:
      return { kind: 'abort', reason: ABORT_REASONS[random.below(ABORT_REASONS.length)] ?? 'idle' };
  }
}

function lanes(random: SimRandom, count: number): Lanes {
  return {
    low: Uint32Array.from({ length: count }, () => random.uint32()),
    high: Uint32Array.from({ length: count }, () => random.uint32()),
  };
}

function drawEnveloped(random: SimRandom, kind: number): Enveloped {
  const [session, sequence, placement] = [random.uint32(), random.uint32(), random.uint32()];
  return { envelope: { session, fromOpener: random.chance(0.5), sequence, placement }, message: draw(random, kind) };
}

/** Without `undefined` fields and without regard to which buffer bytes lie in. */
function plain(enveloped: Enveloped): unknown {
  return JSON.parse(JSON.stringify(enveloped));
}

test('a message comes back as it was', () => {
  for (let seed = 0; seed < 3000; seed += 1) {
    const drawn = drawEnveloped(new SimRandom(seed), seed % KINDS);
    const back = decodeExchange(encodeExchange(drawn));
    assert.deepEqual(plain(back), plain(drawn), `seed ${seed}`);
  }
});

test('100,000 mutated messages are refused, or are the one form of what they say', () => {
  let refused = 0;
  let read = 0;
  for (let seed = 0; seed < 100_000; seed += 1) {
    const random = new SimRandom(seed);
    const bytes = encodeExchange(drawEnveloped(random, seed % KINDS));
    const length = random.chance(0.7) ? bytes.length : random.below(bytes.length + 8);
    const changed = new Uint8Array(length);
    changed.set(bytes.subarray(0, length));
    for (let n = 1 + random.below(3); n > 0; n -= 1) {
      // Half of them among the fields that say how much follows.
      const reach = random.chance(0.5) ? Math.min(length, 40) : length;
      changed[random.below(Math.max(1, reach))] = random.chance(0.3) ? 0xff : random.below(256);
    }
    let back: Enveloped | undefined;
    if (isRefused(() => (back = decodeExchange(changed)))) refused += 1;
    else {
      assert.deepEqual(encodeExchange(back as Enveloped), changed, `seed ${seed}`);
      read += 1;
    }
  }
  assert.ok(refused > 30_000 && read > 20_000, `${refused} refused, ${read} read`);
});

test('every cut is refused, and so is every byte too many', () => {
  for (let kind = 0; kind < KINDS; kind += 1) {
    const bytes = encodeExchange(drawEnveloped(new SimRandom(kind), kind));
    for (let end = 0; end < bytes.length; end += 1) assert.ok(isRefused(() => decodeExchange(bytes.subarray(0, end))));
    assert.ok(isRefused(() => decodeExchange(Uint8Array.from([...bytes, 0]))));
  }
});

test('what is beyond a limit is refused', () => {
  const envelope = { session: 1, fromOpener: true, sequence: 0, placement: 1 };
  const none = lanes(new SimRandom(1), 0);
  const record = (keyBytes: number, bytes: number) => ({
    key: new Uint8Array(keyBytes),
    record: new Uint8Array(bytes),
  });
  const tooMuch: readonly ExchangeMessage[] = [
    { kind: 'hashes', level: 12, hashes: lanes(new SimRandom(1), LIMITS.hashes + 1) },
    { kind: 'ask', level: 6, childLevel: 12, parents: Uint16Array.from({ length: 33 }, (_, at) => at) },
    { kind: 'records', records: [] },
    { kind: 'records', records: Array.from({ length: LIMITS.pageRecords + 1 }, () => record(1, 1)) },
    { kind: 'records', records: [record(10, LIMITS.pageBytes), record(10, 10)] },
    { kind: 'records', records: [record(LIMITS.keyBytes + 1, 10)] },
    { kind: 'records', records: [record(10, LIMITS.recordBytes + 1)] },
    {
      kind: 'list',
      leaves: Uint16Array.of(1, 2),
      counts: Uint16Array.of(1, LIMITS.listEntries),
      after: undefined,
      upto: undefined,
      digests: lanes(new SimRandom(1), LIMITS.listEntries + 1),
    },
    {
      kind: 'list',
      leaves: Uint16Array.of(2, 2),
      counts: Uint16Array.of(0, 0),
      after: undefined,
      upto: undefined,
      digests: none,
    },
  ];
  for (const message of tooMuch)
    assert.ok(
      isRefused(() => decodeExchange(encodeExchange({ envelope, message }))),
      message.kind,
    );
  const allowed: ExchangeMessage = { kind: 'records', records: [record(LIMITS.keyBytes, LIMITS.recordBytes)] };
  assert.ok(!isRefused(() => decodeExchange(encodeExchange({ envelope, message: allowed }))));
});

const page = readFileSync(new URL('../../../../docs/protocols/exchange.md', import.meta.url), 'utf8');

/** The fenced block under a heading of the page. */
function blockUnder(heading: string): string {
  return new RegExp(`^## ${heading}\\n[^]*?\`\`\`\\n([^]*?)\\n\`\`\``, 'm').exec(page)?.[1] ?? '';
}

/** The rows of a dump under a heading. */
function bytesUnder(heading: string): Uint8Array {
  const rows = [...blockUnder(heading).matchAll(/^[\da-f]{4} {2}((?:[\da-f]{2} )*[\da-f]{2})(?: {2,}.*)?$/gm)];
  return Uint8Array.from(rows.flatMap(([, row]) => (row ?? '').split(' ').map((pair) => Number.parseInt(pair, 16))));
}

/** Two nodes hold 400 keys of partition 5 of 8; one of them is newer at n2. */
function oneKeyDiffers(): World {
  const name = { partitionBits: 3, partition: 5 };
  const stores = [1, 2].map((actor) => new MemoryStore({ ...name, actor, depth: 8 }));
  const keys = keysIn(name, 400);
  keys.forEach((key, at) => {
    for (const store of stores)
      store.put(key, {
        clock: [{ actor: 1, since: 1, upto: 1000 + at }],
        siblings: [{ dot: { actor: 1, stamp: 1000 + at }, value: Uint8Array.of(0x76) }],
      });
  });
  stores[1]?.write(keys[200] as Uint8Array, 'newer', 5000);
  const world = new World({ stores });
  world.open(0, 1);
  world.run();
  return world;
}

test('the transcript in docs/protocols/exchange.md is what two nodes say when one key differs', () => {
  const world = oneKeyDiffers();
  world.open(0, 1);
  world.run();
  assert.equal(blockUnder('Example: one key differs'), transcriptOf(world.sent, ['n1', 'n2']));
});

test('the bytes in docs/protocols/exchange.md are those of a page of that exchange', () => {
  const list = oneKeyDiffers().sent.find(({ bytes }) => decodeExchange(bytes).message.kind === 'list');
  assert.deepEqual(bytesUnder('Example: a list'), Uint8Array.from(list?.bytes ?? []));
});

test('the tree in docs/protocols/exchange.md is what the code keeps', () => {
  const tree = new LeafTree({ partitionBits: 3, partition: 5 }, 1);
  const [key] = keysIn(tree, 1) as [Uint8Array];
  tree.update(positionIn(key), 7, undefined, { low: 1, high: 2 });
  const bytes = bytesUnder('A tree that is kept');
  assert.deepEqual(bytes, encodeTree(tree));
  assert.equal(decodeTree(bytes).keyCount, 1);
});
