/**
 * Held replies against a naive list: random replies, seals, syncs and refusals, as a log with one batch in flight and one
 * open makes them. What has been sent, what may leave and what waits must be the same after every step.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { HeldReplies } from '../../src/resp/held-replies.ts';

type Step =
  | { readonly do: 'reply'; readonly on: 'nothing' | 'durable' | 'flight' | 'open'; readonly size: number }
  | { readonly do: 'seal' | 'land' | 'sync' | 'refuse' | 'stale' | 'send' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('reply' as const),
      on: fc.constantFrom('nothing', 'durable', 'flight', 'open', 'open'),
      size: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('seal', 'seal', 'land', 'sync', 'refuse', 'refuse', 'stale', 'send') }),
  },
);

const ERROR = '!';

/** The batches of a log: numbers rise, at most one is in flight, and a refused one gives its number to the next. */
class Batches {
  durable = 4;
  /** 0 for none. */
  inFlight = 0;
  open = 5;
  used = false;

  named(on: 'nothing' | 'durable' | 'flight' | 'open'): number {
    if (on === 'open') this.used = true;
    return { nothing: 0, durable: this.durable, flight: this.inFlight, open: this.open }[on];
  }

  seal(): void {
    if (this.inFlight !== 0 || !this.used) return;
    this.inFlight = this.open;
    this.open += 1;
    this.used = false;
  }

  land(): void {
    this.durable = Math.max(this.durable, this.inFlight);
    this.inFlight = 0;
  }
}

/** The replies of a connection one by one, each with what it waits for; only the first may leave. */
class NaiveReplies {
  readonly list: { text: string; batch: number }[] = [];
  sent = '';

  free(durable: number): string {
    const first = this.list.findIndex(({ batch }) => batch > durable);
    return textOf(first < 0 ? this.list : this.list.slice(0, first));
  }

  send(durable: number): void {
    this.sent += this.free(durable);
    while (this.list[0] !== undefined && this.list[0].batch <= durable) this.list.shift();
  }

  /** Those that wait for the batch, and all behind them, become errors that wait for nothing of their own. */
  refuse(batch: number): number {
    const first = this.list.findIndex((reply) => reply.batch === batch);
    if (first < 0) return 0;
    const voided = this.list.slice(first);
    for (const reply of voided) Object.assign(reply, { text: ERROR, batch: 0 });
    return voided.length;
  }
}

/** Replies as a connection keeps them: bytes in a row, and marks. */
class MarkedReplies {
  readonly held = new HeldReplies();
  text = '';
  sent = '';

  add(text: string, batch: number): void {
    const began = this.text.length;
    this.text += text;
    this.held.hold(batch, began);
  }

  send(): void {
    const bytes = this.held.freeBytes(this.text.length);
    this.sent += this.text.slice(0, bytes);
    this.text = this.text.slice(bytes);
    this.held.shift(bytes);
  }

  refuse(batch: number): number {
    const voided = this.held.refuse(batch);
    if (voided === undefined) return 0;
    this.text = this.text.slice(0, voided.from) + ERROR.repeat(voided.replies);
    return voided.replies;
  }
}

class Run {
  readonly batches = new Batches();
  readonly naive = new NaiveReplies();
  readonly marked = new MarkedReplies();
  readonly seen: Seen;
  #replies = 0;

  constructor(seen: Seen) {
    this.seen = seen;
  }

  perform(step: Step): void {
    const { batches, naive, marked } = this;
    if (step.do === 'reply') this.#reply(batches.named(step.on), step.size);
    else if (step.do === 'seal') batches.seal();
    else if (step.do === 'land') this.#release(() => batches.land());
    else if (step.do === 'sync' && batches.inFlight === 0) {
      batches.seal();
      this.#release(() => batches.land());
    } else if (step.do === 'refuse') this.#refuse();
    else if (step.do === 'stale') assert.equal(marked.held.release(batches.durable), false);
    else if (step.do === 'send') {
      naive.send(batches.durable);
      marked.send();
    }
    this.#compare();
  }

  /** Each reply has a text of its own, so that a change of order shows. */
  #reply(batch: number, size: number): void {
    const waits = batch > this.batches.durable ? batch : 0;
    const text = `<${this.#replies}${'.'.repeat(size)}>`;
    this.#replies += 1;
    this.naive.list.push({ text, batch: waits });
    this.marked.add(text, waits);
  }

  #release(land: () => void): void {
    const before = this.naive.free(this.batches.durable).length;
    land();
    const freed = this.naive.free(this.batches.durable).length > before;
    assert.equal(this.marked.held.release(this.batches.durable), freed, 'says whether something may leave now');
    if (freed) this.seen.freed += 1;
  }

  #refuse(): void {
    if (!this.batches.used) return;
    this.batches.used = false;
    const voided = this.naive.refuse(this.batches.open);
    assert.equal(this.marked.refuse(this.batches.open), voided, 'as many errors as replies');
    if (voided === 0) return;
    this.seen.refused += 1;
    if (this.marked.held.any) this.seen.refusedBehindOthers += 1;
  }

  #compare(): void {
    const { naive, marked, batches } = this;
    const free = naive.free(batches.durable);
    assert.equal(marked.sent, naive.sent);
    assert.equal(marked.text, textOf(naive.list));
    assert.equal(marked.held.freeBytes(marked.text.length), free.length, 'what may leave');
    assert.equal(marked.held.any, free.length < marked.text.length);
  }
}

/** Rare branches that the steps must reach. */
interface Seen {
  freed: number;
  refused: number;
  refusedBehindOthers: number;
}

test('any replies, syncs and refusals: the order stays, nothing leaves before its batch, refused replies are errors', () => {
  const seen: Seen = { freed: 0, refused: 0, refusedBehindOthers: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), (steps) => {
      const run = new Run(seen);
      for (const each of steps) run.perform(each);
      for (const last of ['land', 'sync', 'send'] as const) run.perform({ do: last });
      assert.equal(run.marked.text, '', 'in the end everything has left');
    }),
    { numRuns: 2000 },
  );
  assert.ok(seen.freed > 1000 && seen.refused > 1000 && seen.refusedBehindOthers > 200, JSON.stringify(seen));
});

describe('held replies', () => {
  test('what waits for nothing may leave while nothing is in front of it', () => {
    const held = new HeldReplies();
    held.hold(0, 0);
    assert.equal(held.any, false);
    assert.equal(held.freeBytes(30), 30);
  });

  test('one that waits holds all behind it', () => {
    const held = new HeldReplies();
    held.hold(7, 10);
    held.hold(0, 20);
    assert.equal(held.freeBytes(30), 10);
    assert.equal(held.release(6), false);
    assert.equal(held.release(7), true);
    assert.equal(held.freeBytes(30), 30);
  });

  test('the batch in flight frees what stands before the open one', () => {
    const held = new HeldReplies();
    held.hold(7, 10);
    held.hold(8, 20);
    held.hold(7, 30);
    assert.equal(held.release(7), true);
    assert.equal(held.freeBytes(40), 20);
    held.shift(20);
    assert.equal(held.freeBytes(20), 0);
    assert.equal(held.release(8), true);
    assert.equal(held.any, false);
  });

  test('one release may free both batches', () => {
    const held = new HeldReplies();
    held.hold(7, 0);
    held.hold(8, 10);
    assert.equal(held.release(8), true);
    assert.equal(held.freeBytes(20), 20);
  });

  test('the errors of a refused batch wait for the batch in front, and are void with it', () => {
    const held = new HeldReplies();
    held.hold(7, 10);
    held.hold(8, 20);
    held.hold(0, 30);
    assert.deepEqual(held.refuse(8), { from: 20, replies: 2 });
    assert.equal(held.freeBytes(40), 10);
    assert.deepEqual(held.refuse(7), { from: 10, replies: 3 });
    assert.equal(held.any, false);
  });

  test('the number of a refused batch may come again', () => {
    const held = new HeldReplies();
    held.hold(7, 0);
    assert.deepEqual(held.refuse(7), { from: 0, replies: 1 });
    held.hold(7, 5);
    assert.equal(held.freeBytes(10), 5);
    assert.equal(held.release(7), true);
  });

  test('a refusal of what nothing waits for changes nothing', () => {
    const held = new HeldReplies();
    assert.equal(held.refuse(7), undefined);
    held.hold(7, 5);
    assert.equal(held.refuse(8), undefined);
    assert.equal(held.refuse(6), undefined);
    assert.equal(held.freeBytes(10), 5);
  });

  test('a third batch is a bug', () => {
    const held = new HeldReplies();
    held.hold(7, 0);
    held.hold(8, 1);
    assert.throws(() => held.hold(9, 2), /at most two batches/);
  });
});

function textOf(replies: readonly { readonly text: string }[]): string {
  return replies.map(({ text }) => text).join('');
}
