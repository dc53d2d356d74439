/** One exchange of a partition between two nodes in memory: every effect is carried out at once. */
import { Exchanges, type HandledEffect } from '@torc/cluster/exchange/exchanges';
import type { SessionResult, SessionTerms } from '@torc/cluster/exchange/session';
import type { Pair } from './data.ts';
import type { PartitionStore } from './partition-store.ts';

/** Of all partitions together. */
export interface Totals {
  bytes: number;
  messages: number;
  /** Records sent, both ways. */
  records: number;
  /** Keys that the two listed. */
  keysListed: number;
  /** The most that one pair of vnodes said. */
  mostBytes: number;
  /** Pairs of vnodes that said more than is aimed at. */
  pairsBeyond: number;
}

/** Aimed at for each pair of vnodes, beside twice the records that differ. */
export const perPairBytes: number = 64 * 1024;
/** Aimed at where nothing differs: a pair of roots, with envelopes. */
export const rootBytes = 100;

const [oneActor, otherActor] = [1, 2];
const youngMs = 2000;
/** Nothing is young. */
const ageMs = (): number => Number.MAX_SAFE_INTEGER;

/** Throws when an exchange does not complete, or leaves a difference. */
export function exchangeAll(pairs: readonly Pair[]): Totals {
  const totals: Totals = { bytes: 0, messages: 0, records: 0, keysListed: 0, mostBytes: 0, pairsBeyond: 0 };
  for (const pair of pairs) {
    const before = totals.bytes;
    for (const result of exchangeOne(pair)) {
      if (result.outcome === 'aborted') throw new Error(`partition ${pair.partition}: ${result.reason ?? 'aborted'}`);
      totals.bytes += result.bytesSent;
      totals.messages += result.messagesSent;
      totals.records += result.recordsSent;
      totals.keysListed += result.keysCompared;
    }
    const bytes = totals.bytes - before;
    totals.mostBytes = Math.max(totals.mostBytes, bytes);
    if (bytes > aimOf(pair)) totals.pairsBeyond += 1;
    const [one, other] = [pair.one.tree(), pair.other.tree()];
    if (one.low(0, 0) !== other.low(0, 0) || one.high(0, 0) !== other.high(0, 0) || one.keyCount !== other.keyCount)
      throw new Error(`partition ${pair.partition}: the two differ after the exchange`);
  }
  return totals;
}

function aimOf({ differingBytes }: Pair): number {
  return differingBytes === 0 ? rootBytes : perPairBytes + 2 * differingBytes;
}

function exchangeOne({ one, other, partitionBits, partition }: Pair): readonly SessionResult[] {
  const terms = (source: PartitionStore): Pick<SessionTerms, 'placement' | 'source' | 'ageMs'> => {
    return { placement: 1, source, ageMs };
  };
  const nodes = [one, other].map((store) => new Exchanges({ firstSession: 1, accept: () => terms(store) }));
  const results: SessionResult[] = [];
  let work: { readonly node: 0 | 1; readonly handled: HandledEffect }[] = [];
  const add = (node: 0 | 1, effects: readonly HandledEffect[]): void => {
    for (const handled of effects) work.push({ node, handled });
  };
  const opened = nodes[0]?.open(
    otherActor,
    { ...terms(one), partitionBits, partition, placementClass: 'bench', youngMs },
    0,
  );
  add(0, opened ?? []);
  while (work.length > 0) {
    const batch = work;
    work = [];
    for (const { node, handled } of batch) {
      const { handle, effect } = handled;
      const store = node === 0 ? one : other;
      const there = node === 0 ? 1 : 0;
      if (effect.kind === 'send') {
        const from = node === 0 ? oneActor : otherActor;
        add(there, nodes[there]?.receive(from, effect.bytes, 0) ?? []);
      } else if (effect.kind === 'merge') {
        const senderLacks = store.merge(effect.key, effect.record);
        add(node, nodes[node]?.answer(handle, { kind: 'merged', token: effect.token, senderLacks }, 0) ?? []);
      } else if (effect.kind === 'ended') results.push(effect.result);
      else throw new Error('nothing here is on a disk');
    }
  }
  return results;
}
