/**
 * The side that opened a session: it walks down to the leaves that differ, lists them page by page, sends what the other side
 * lacks, and finishes when all is durable on both sides.
 *
 * A page goes: its list out; the answerer's records in, and merged; its answer in; then the records that it lacks out, but for
 * those of which its own record turned out to hold everything.
 */
import { Channel } from './channel.ts';
import { Inbox } from './inbox.ts';
import { type ListCursor, ListPage } from './list-page.ts';
import type { Differs, ExchangeMessage, Hashes, Opened } from './messages.ts';
import { Outbox } from './outbox.ts';
import type { Session, SessionEffect, SessionEvent, SessionTerms } from './session.ts';
import { type LeafTree, rangeOfNode } from './tree.ts';
import { Walk } from './walk.ts';

export class Opener implements Session {
  readonly #terms: SessionTerms;
  readonly #channel: Channel;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  #state: 'new' | 'opening' | 'walking' | 'listing' | 'finishing' = 'new';
  #depth = 0;
  /** Of the tree when the session was opened. */
  #ownDepth = 0;
  #walk: Walk | undefined;
  #leaves: readonly number[] = [];
  #cursor: ListCursor = { place: 0, after: undefined };
  /** The page that is built, or was sent and is not settled. */
  #page: ListPage | undefined;
  #isPageSent = false;
  #isLoadingList = false;
  #answer: Differs | undefined;
  /** Keys that this side left out as young. */
  #leftOut = 0;

  constructor(terms: SessionTerms, nowMs: number) {
    this.#terms = terms;
    this.#channel = new Channel('opener', terms, nowMs);
    this.#inbox = new Inbox(this.#channel, terms);
    this.#outbox = new Outbox(this.#channel, terms.source);
  }

  get isEnded(): boolean {
    return this.#channel.isEnded;
  }

  /** The first effects. Once, before any step. */
  begin(nowMs: number): readonly SessionEffect[] {
    const { placementClass, partitionBits, partition, youngMs } = this.#terms;
    const tree = this.#terms.source.tree();
    if (tree === undefined) {
      this.#channel.abort('no-tree', nowMs, false);
      return this.#channel.take();
    }
    this.#state = 'opening';
    this.#ownDepth = tree.depth;
    this.#channel.send({
      kind: 'open',
      placementClass,
      partitionBits,
      partition,
      depth: tree.depth,
      youngMs,
      rootLow: tree.low(0, 0),
      rootHigh: tree.high(0, 0),
    });
    return this.#channel.take();
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
      const key = this.#inbox.merged(event.token);
      if (key !== undefined && !event.senderLacks) this.#page?.cover(key);
    } else if (event.kind === 'fail') {
      this.#channel.abort(event.reason, nowMs);
    }
    if (!this.isEnded) this.#goOn();
    return this.#channel.take();
  }

  /** False for what may not come now. */
  #heard(message: ExchangeMessage, nowMs: number): boolean {
    switch (message.kind) {
      case 'abort':
        this.#channel.abort(message.reason, nowMs, false);
        return true;
      case 'same':
        if (this.#state !== 'opening') return false;
        this.#channel.end('equal', nowMs);
        return true;
      case 'opened':
        return this.#state === 'opening' && this.#opened(message, nowMs);
      case 'hashes':
        return this.#state === 'walking' && this.#hashes(message, nowMs);
      case 'records':
        return this.#isPageSent && this.#answer === undefined && this.#inbox.accept(message.records);
      case 'differs':
        return this.#differs(message);
      case 'acknowledged':
        return this.#outbox.acknowledge(message.total);
      case 'finished':
        if (this.#state !== 'finishing') return false;
        this.#channel.end('complete', nowMs);
        return true;
      default:
        return false;
    }
  }

  #opened({ depth, level, hashes }: Opened, nowMs: number): boolean {
    if (depth > this.#ownDepth) return false;
    const tree = this.#treeOf(depth, nowMs);
    if (tree === undefined) return true;
    this.#depth = depth;
    this.#walk = new Walk(tree, depth, level, hashes);
    this.#state = 'walking';
    this.#walkOn(this.#walk);
    return true;
  }

  #hashes(message: Hashes, nowMs: number): boolean {
    const tree = this.#treeOf(this.#depth, nowMs);
    const walk = this.#walk as Walk;
    if (tree === undefined) return true;
    if (!walk.answer(tree, message)) return false;
    this.#walkOn(walk);
    return true;
  }

  /** The tree as it is now. It may be gone, or have been built again with fewer leaves: then the session ends. */
  #treeOf(depth: number, nowMs: number): LeafTree | undefined {
    const tree = this.#terms.source.tree();
    if (tree !== undefined && tree.depth >= depth) return tree;
    this.#channel.abort('no-tree', nowMs);
    return undefined;
  }

  #walkOn(walk: Walk): void {
    const { leaves } = walk;
    if (leaves === undefined) {
      this.#channel.send(walk.ask());
      return;
    }
    this.#leaves = leaves;
    this.#walk = undefined;
    this.#state = 'listing';
  }

  #differs(answer: Differs): boolean {
    if (!this.#isPageSent || this.#answer !== undefined || answer.count !== this.#page?.entries.length) return false;
    this.#answer = answer;
    this.#channel.leftOut += answer.leftOut;
    return true;
  }

  #goOn(): void {
    this.#outbox.pump();
    while (this.#state === 'listing' && this.#outbox.isEmpty && !this.#isLoadingList) {
      if (this.#isPageSent) {
        // Which records are worth sending is known when what the answerer sent is merged.
        if (this.#answer === undefined || !this.#inbox.isDurable) return;
        this.#settlePage(this.#page as ListPage, this.#answer);
        this.#outbox.pump();
      } else if (this.#cursor.place < this.#leaves.length) {
        this.#sendPage();
      } else if (this.#outbox.isAcknowledged) {
        this.#state = 'finishing';
        this.#channel.send({ kind: 'finish', leftOut: this.#leftOut });
      } else return;
    }
  }

  #sendPage(): void {
    const rangeOfLeaf = (leaf: number): ReturnType<typeof rangeOfNode> => rangeOfNode(this.#terms, this.#depth, leaf);
    this.#page ??= new ListPage(this.#leaves, rangeOfLeaf, this.#cursor);
    const request = this.#page.build(this.#terms.source);
    if (request !== undefined) {
      this.#isLoadingList = true;
      this.#channel.load({ kind: 'list', request });
      return;
    }
    this.#channel.keysCompared += this.#page.entries.length;
    this.#channel.send(this.#page.message());
    this.#isPageSent = true;
  }

  #settlePage(page: ListPage, answer: Differs): void {
    const keys: Uint8Array[] = [];
    const before = this.#leftOut;
    for (const { key, stamp } of page.lacking(answer.lacking)) {
      if (this.#terms.ageMs(stamp) >= this.#terms.youngMs) keys.push(key);
      else this.#leftOut += 1;
    }
    this.#channel.leftOut += this.#leftOut - before;
    this.#outbox.give(keys);
    this.#cursor = page.end;
    this.#page = undefined;
    this.#isPageSent = false;
    this.#answer = undefined;
  }
}
