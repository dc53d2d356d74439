/**
 * The side of a session that was asked: it compares the root, says hashes, checks lists, and takes records. It keeps no place
 * in the walk; only a page of a list, while it is checked, and what is on its way in and out.
 */
import { Channel } from './channel.ts';
import { Inbox } from './inbox.ts';
import { ListCheck } from './list-check.ts';
import type { Ask, ExchangeMessage, Lanes, List, Open } from './messages.ts';
import { Outbox } from './outbox.ts';
import type { Session, SessionEffect, SessionEvent, SessionTerms } from './session.ts';
import { type LeafTree, rangeOfNode } from './tree.ts';

/** The level whose hashes all go into the answer to an opening: 64 of them. */
const FIRST_LEVEL = 6;

export class Answerer implements Session {
  readonly #terms: SessionTerms;
  readonly #channel: Channel;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #isYoung: (stamp: number) => boolean;
  /** How far the walk goes: the lesser depth. */
  #depth = 0;
  #isOpened = false;
  /** The page that is being checked. */
  #check: ListCheck | undefined;
  #isLoadingList = false;

  constructor(terms: SessionTerms, nowMs: number) {
    this.#terms = terms;
    this.#channel = new Channel('answerer', terms, nowMs);
    this.#inbox = new Inbox(this.#channel, terms);
    this.#outbox = new Outbox(this.#channel, terms.source);
    this.#isYoung = (stamp) => terms.ageMs(stamp) < terms.youngMs;
  }

  get isEnded(): boolean {
    return this.#channel.isEnded;
  }

  step(event: SessionEvent, nowMs: number): readonly SessionEffect[] {
    if (this.isEnded) return [];
    if (event.kind === 'message') {
      this.#channel.received(event.sizeBytes);
      if (!this.#heard(event.message, nowMs)) this.#channel.abort('bad-message', nowMs);
    } else if (event.kind === 'loaded') {
      this.#isLoadingList = false;
      this.#outbox.loaded();
    } else if (event.kind === 'merged') {
      this.#inbox.merged(event.token);
    } else if (event.kind === 'fail') {
      this.#channel.abort(event.reason, nowMs);
    }
    if (!this.isEnded) this.#goOn();
    return this.#channel.take();
  }

  /** False for what may not come now. */
  #heard(message: ExchangeMessage, nowMs: number): boolean {
    if (message.kind === 'abort') {
      this.#channel.abort(message.reason, nowMs, false);
      return true;
    }
    if (message.kind === 'open') return !this.#isOpened && this.#open(message, nowMs);
    if (!this.#isOpened) return false;
    switch (message.kind) {
      case 'ask':
        return this.#ask(message, nowMs);
      case 'list':
        return this.#list(message);
      case 'records':
        return this.#inbox.accept(message.records);
      case 'acknowledged':
        return this.#outbox.acknowledge(message.total);
      case 'finish':
        return this.#finish(message.leftOut, nowMs);
      default:
        return false;
    }
  }

  #open({ depth, rootLow, rootHigh }: Open, nowMs: number): boolean {
    this.#isOpened = true;
    const tree = this.#terms.source.tree();
    if (tree === undefined) {
      this.#channel.abort('no-tree', nowMs);
      return true;
    }
    const low = tree.low(0, 0);
    const high = tree.high(0, 0);
    if (low === rootLow && high === rootHigh) {
      this.#channel.send({ kind: 'same', rootLow: low, rootHigh: high });
      this.#channel.end('equal', nowMs);
      return true;
    }
    this.#depth = Math.min(depth, tree.depth);
    const level = Math.min(this.#depth, FIRST_LEVEL);
    this.#channel.send({ kind: 'opened', depth: this.#depth, level, hashes: hashesBelow(tree, 0, [0], level) });
    return true;
  }

  #ask({ level, childLevel, parents }: Ask, nowMs: number): boolean {
    if (childLevel > this.#depth) return false;
    const tree = this.#terms.source.tree();
    // It may have been built again with fewer leaves, or be built just now.
    if (tree === undefined || tree.depth < childLevel) this.#channel.abort('no-tree', nowMs);
    else
      this.#channel.send({ kind: 'hashes', level: childLevel, hashes: hashesBelow(tree, level, parents, childLevel) });
    return true;
  }

  #list(list: List): boolean {
    if (this.#check !== undefined || (list.leaves.at(-1) as number) >= 2 ** this.#depth) return false;
    this.#check = new ListCheck(list, (leaf) => rangeOfNode(this.#terms, this.#depth, leaf), this.#isYoung);
    return true;
  }

  /** The opener says so only when all it sent is acknowledged, and was sent an acknowledgement for all that came to it. */
  #finish(leftOut: number, nowMs: number): boolean {
    if (this.#check !== undefined || !this.#inbox.isDurable || !this.#outbox.isAcknowledged) return false;
    this.#channel.leftOut += leftOut;
    this.#channel.send({ kind: 'finished' });
    this.#channel.end('complete', nowMs);
    return true;
  }

  /** Checks the page and sends what the opener lacks of it, as far as window and disk let it; then answers the page. */
  #goOn(): void {
    this.#outbox.pump();
    while (this.#check !== undefined && !this.#isLoadingList && this.#outbox.isEmpty) {
      const check = this.#check;
      const next = check.next(this.#terms.source);
      if ('range' in next) {
        this.#isLoadingList = true;
        this.#channel.load({ kind: 'list', request: next });
        return;
      }
      this.#outbox.give(next);
      this.#outbox.pump();
      if (!check.isDone || !this.#outbox.isEmpty) continue;
      this.#answer(check);
    }
  }

  #answer(check: ListCheck): void {
    const answer = check.answer();
    this.#channel.keysCompared += check.keysCompared;
    this.#channel.leftOut += answer.leftOut;
    this.#channel.send(answer);
    this.#check = undefined;
  }
}

/** The hashes of all nodes on `childLevel` below these. */
function hashesBelow(tree: LeafTree, level: number, parents: Iterable<number>, childLevel: number): Lanes {
  const width = 2 ** (childLevel - level);
  const low: number[] = [];
  const high: number[] = [];
  for (const parent of parents) {
    for (let child = parent * width; child < (parent + 1) * width; child += 1) {
      low.push(tree.low(childLevel, child));
      high.push(tree.high(childLevel, child));
    }
  }
  return { low: Uint32Array.from(low), high: Uint32Array.from(high) };
}
