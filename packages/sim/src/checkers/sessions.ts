/**
 * What single clients may rely on, judged by what replies showed them: read your acknowledged writes, monotonic reads, no
 * more siblings than concurrent writers, and no value that nobody wrote.
 *
 * Stamps are opaque. `covers(a, b)` says that who holds `a` has received what `b` names: a total order of stamps, or the
 * partial one of clocks. It is reflexive and transitive.
 */
import {
  compareMoments,
  describeOperation,
  describeValue,
  groupBy,
  writtenValue,
  type Moment,
  type Operation,
} from './history.ts';

/** A reply that a client got. Requests without a reply, and writes that were not acknowledged, show nothing. */
export interface SessionReply<Stamp> {
  readonly client: string;
  readonly key: string;
  readonly invoked: Moment;
  readonly replied: Moment;
  /**
   * `write`: acknowledged; `stamps` are those of the write. `read`: `stamps` are all that the reply showed, the stamps of
   * its context and of deletions among them.
   */
  readonly kind: 'read' | 'write';
  readonly stamps: readonly Stamp[];
}

export type SessionPromise = 'reads its writes' | 'reads never go back';

export interface SessionViolation<Stamp> {
  readonly promise: SessionPromise;
  readonly reply: SessionReply<Stamp>;
  /** What the client had seen, or written, and what the reply does not cover. */
  readonly missing: Stamp;
  readonly since: SessionReply<Stamp>;
}

/** What a client must see again: one stamp and the reply that it has it from. */
interface Known<Stamp> {
  readonly stamp: Stamp;
  readonly since: SessionReply<Stamp>;
}

/**
 * Judges every read by the replies to the same client on the same key that came before the read was invoked. Requests of
 * a client that overlap ask nothing of each other.
 */
export function checkSessions<Stamp>(
  replies: readonly SessionReply<Stamp>[],
  covers: (a: Stamp, b: Stamp) => boolean,
): SessionViolation<Stamp>[] {
  const violations: SessionViolation<Stamp>[] = [];
  const byClient = groupBy(replies, ({ client }) => client);
  for (const ofClient of byClient.values()) {
    for (const session of groupBy(ofClient, ({ key }) => key).values()) {
      violations.push(...checkSession(session, covers));
    }
  }
  return violations.sort((a, b) => compareMoments(a.reply.replied, b.reply.replied));
}

function checkSession<Stamp>(
  session: readonly SessionReply<Stamp>[],
  covers: (a: Stamp, b: Stamp) => boolean,
): SessionViolation<Stamp>[] {
  const violations: SessionViolation<Stamp>[] = [];
  const byReply = session.toSorted((a, b) => compareMoments(a.replied, b.replied));
  const reads = session.filter(({ kind }) => kind === 'read').sort((a, b) => compareMoments(a.invoked, b.invoked));
  let known: readonly Known<Stamp>[] = [];
  let at = 0;
  for (const read of reads) {
    for (let since = byReply[at]; since !== undefined && isBefore(since.replied, read.invoked); since = byReply[at]) {
      known = learn(known, since, covers);
      at += 1;
    }
    for (const { stamp, since } of known) {
      if (read.stamps.some((shown) => covers(shown, stamp))) continue;
      const promise = since.kind === 'write' ? 'reads its writes' : 'reads never go back';
      violations.push({ promise, reply: read, missing: stamp, since });
    }
  }
  return violations;
}

/** Keeps what nothing newer covers: who sees the newer has the older. The first to show a stamp is remembered for it. */
function learn<Stamp>(
  known: readonly Known<Stamp>[],
  since: SessionReply<Stamp>,
  covers: (a: Stamp, b: Stamp) => boolean,
): readonly Known<Stamp>[] {
  let all = known;
  for (const stamp of since.stamps) {
    if (all.some((older) => covers(older.stamp, stamp))) continue;
    all = [...all.filter((older) => !covers(stamp, older.stamp)), { stamp, since }];
  }
  return all;
}

/**
 * A write, as wide as what its writer may not have seen: from the moment when the request for its context was invoked, or
 * for a write without one the write itself, to its reply; `undefined`: it has no outcome.
 */
export interface WriterSpan {
  readonly key: string;
  readonly value: string;
  readonly from: Moment;
  readonly to: Moment | undefined;
}

export interface SiblingReply {
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * Siblings are concurrent: none of their writers had seen another. Of two writes whose spans do not overlap the later had
 * seen the earlier, provided that contexts are read at a level that sees acknowledged writes. Spans that overlap by twos
 * share a moment, so a reply that passes shows at most as many siblings as there were writers at some moment.
 *
 * Returns one line for each reply that shows two siblings of which one was written in full before the other began.
 */
export function checkSiblings(replies: readonly SiblingReply[], writers: readonly WriterSpan[]): string[] {
  const spans = new Map(writers.map((writer) => [`${writer.key}\n${writer.value}`, writer]));
  return replies.flatMap(({ key, values }) => {
    const shown = values.flatMap((value) => spans.get(`${key}\n${value}`) ?? []);
    const [first] = shown;
    if (first === undefined) return [];
    const latest = shown.reduce((a, b) => (isBefore(a.from, b.from) ? b : a));
    const earliest = shown.reduce((a, b) =>
      b.to !== undefined && (a.to === undefined || isBefore(b.to, a.to)) ? b : a,
    );
    if (earliest.to === undefined || !isBefore(earliest.to, latest.from)) return [];
    return [
      `${key} shows ${values.length} siblings, but ${earliest.value} was acknowledged at ${earliest.to.atMs} ms, ` +
        `before the writer of ${latest.value} began at ${latest.from.atMs} ms`,
    ];
  });
}

/**
 * Every value that an operation returned, or found to be the expected one, was written to the same key by an operation that
 * was invoked before the reply and not rejected. Returns one line for each that was not. `initial`: what a key held before.
 */
export function checkInvented(operations: readonly Operation[], initial?: ReadonlyMap<string, string>): string[] {
  const writers = new Map<string, Operation>();
  for (const operation of operations) {
    const value = writtenValue(operation.request);
    if (value !== undefined) writers.set(`${operation.key}\n${value}`, operation);
  }
  return operations.flatMap((operation) => {
    const { key, replied } = operation;
    const seen = seenValue(operation);
    if (seen === undefined || replied === undefined || initial?.get(key) === seen) return [];
    const writer = writers.get(`${key}\n${seen}`);
    const what = `${describeOperation(operation)} saw ${describeValue(seen)}`;
    if (writer === undefined) return [`${what}, which nobody wrote to ${key}`];
    if (writer.reply.outcome === 'rejected') return [`${what}, which was rejected: ${describeOperation(writer)}`];
    const isLater = writer === operation || !isBefore(writer.invoked, replied);
    return isLater ? [`${what}, which was written later: ${describeOperation(writer)}`] : [];
  });
}

function seenValue({ request, reply }: Operation): string | undefined {
  if (reply.outcome !== 'applied') return undefined;
  return request.kind === 'compare-and-set' ? request.expected : reply.returned;
}

function isBefore(a: Moment, b: Moment): boolean {
  return compareMoments(a, b) < 0;
}
