/**
 * The truth about a cluster's keys, kept beside it: who wrote what, having seen what; which writes were acknowledged, and
 * what readers were shown. The cluster's own clocks are judged by it, never trusted.
 *
 * Judged: nothing that nobody wrote is shown; a quorum read sees every quorum write that was acknowledged before it began,
 * and everything that an earlier quorum read had shown; and when all has healed, an acknowledged write is there, or one
 * whose writer had seen it.
 */
import type { Dot } from '@torc/base/record/dot';
import { sameDot, type TorcRecord } from '@torc/base/record/record';
import { CausalHistory, dotName, type Seen } from '../checkers/causal-history.ts';

interface KeyTruth {
  readonly history: CausalHistory;
  readonly values: Map<string, string | undefined>;
  /** Dots of acknowledged writes. */
  readonly acknowledged: Set<string>;
  /** Dots of second attempts: they stand where the first one stood. */
  readonly second: Set<string>;
  /** When a write that was settled was asked for, and acknowledged: by count of events. */
  readonly times: Map<string, { readonly asked: number; readonly acked: number }>;
  /** Dots that a read at a majority is bound to know from now on. */
  readonly settled: Set<string>;
}

/** A write as its coordinator began it. */
export interface BegunWrite {
  readonly dot: Dot;
  /** The whole record with it. */
  readonly record: TorcRecord;
  /** Without a context. */
  readonly isBlind: boolean;
}

/** What a reader must be shown at least: taken when the read begins. */
export interface Floor {
  readonly dots: readonly string[];
}

export class Oracle {
  readonly violations: string[] = [];
  readonly #isLatest: (key: string) => boolean;
  readonly #keys = new Map<string, KeyTruth>();
  readonly #intentions = new Map<string, readonly string[]>();
  readonly #rounds = new Map<string, readonly string[]>();
  #events = 0;
  writes = 0;
  acknowledged = 0;
  reads = 0;

  /** `isLatest`: the key answers one value. Where all siblings show, none is before another. */
  constructor(isLatest: (key: string) => boolean) {
    this.#isLatest = isLatest;
  }

  /** A client is about to write under this id, having seen these versions; `undefined`: blindly. */
  intends(id: Uint8Array, dots: readonly Dot[] | undefined): void {
    if (dots !== undefined) this.#intentions.set(String.fromCharCode(...id), dots.map(dotName));
  }

  /**
   * A coordinator began a write over `before`. It supersedes what the client had seen, and its own earlier rounds; a blind one
   * supersedes what the coordinator held. By that alone it is judged, never by the clocks.
   */
  began(key: string, before: TorcRecord | undefined, begun: BegunWrite): void {
    const { dot, record, isBlind } = begun;
    const truth = this.#at(key);
    const written = record.siblings.find((sibling) => sameDot(sibling.dot, dot));
    if (written === undefined) return this.#accuse(key, `${dotName(dot)} was begun and is not in its own record`);
    const id = written.id === undefined ? undefined : String.fromCharCode(...written.id);
    const intended = id === undefined ? undefined : this.#intentions.get(id);
    // Rounds of one operation at one coordinator; the versions of a silent one are not known to the next.
    const operation = id === undefined ? undefined : `${key} ${id} ${dot.actor}`;
    const earlier = operation === undefined ? [] : (this.#rounds.get(operation) ?? []);
    const local = (before?.siblings ?? []).map((sibling) => dotName(sibling.dot));
    const kept = new Set(record.siblings.map((sibling) => dotName(sibling.dot)));
    // A second attempt has seen what its client had, and nothing of what stands where it is made.
    const isSecond = written.firstStamp !== undefined;
    if (isSecond) truth.second.add(dotName(dot));
    const blindly = isBlind ? local : local.filter((name) => !kept.has(name));
    const superseded = intended ?? (isSecond ? [] : blindly);
    truth.history.wrote(dot, truth.history.closure([...superseded, ...earlier]));
    truth.values.set(dotName(dot), written.tombstone === true ? undefined : String.fromCharCode(...written.value));
    if (operation !== undefined) this.#rounds.set(operation, [...earlier, dotName(dot)]);
    this.writes += 1;
  }

  /** The number of an event: what comes later has a higher one. */
  now(): number {
    this.#events += 1;
    return this.#events;
  }

  /** A write that was asked for at `asked` was acknowledged. `isSettled`: by a majority of the homes. */
  acked(key: string, dot: Dot, isSettled: boolean, asked: number): void {
    const truth = this.#at(key);
    const name = dotName(dot);
    if (!truth.values.has(name)) this.#accuse(key, `${name} was acknowledged, and nobody began it`);
    truth.acknowledged.add(name);
    if (isSettled) {
      truth.settled.add(name);
      truth.times.set(name, { asked, acked: this.now() });
    }
    this.acknowledged += 1;
  }

  /** A read at a majority begins. */
  readBegins(key: string): Floor {
    return { dots: [...this.#at(key).settled] };
  }

  /** It was answered: with all it had to know, and nothing that nobody wrote. */
  readEnds(key: string, floor: Floor, record: TorcRecord | undefined, who: string, isSettled: boolean): void {
    this.reads += 1;
    const truth = this.#at(key);
    const shown = this.#shown(key, record, who);
    const known = truth.history.closure(shown);
    for (const name of floor.dots) {
      if (!known.has(name))
        this.#accuse(key, `${who} was shown [${[...shown].join(' ')}] without ${name}, settled before`);
    }
    if (isSettled && this.#isLatest(key)) this.#judgeOrder(key, floor, shown[0], who);
    if (isSettled) for (const name of shown) truth.settled.add(name);
  }

  /** What the homes hold when everything has healed and been repaired. */
  healed(key: string, where: string, record: TorcRecord | undefined): void {
    const truth = this.#at(key);
    const shown = this.#shown(key, record, where);
    const seen: Seen = truth.history.closure([...shown, ...truth.acknowledged]);
    const before = truth.history.violations.length;
    truth.history.judge(`${where}, key ${key},`, seen, record?.siblings ?? []);
    this.violations.push(...truth.history.violations.slice(before));
  }

  keys(): IterableIterator<string> {
    return this.#keys.keys();
  }

  /** What answers is not older, in real time, than what was settled before the read began. */
  #judgeOrder(key: string, floor: Floor, winner: string | undefined, who: string): void {
    const { times, second } = this.#at(key);
    const answered = winner === undefined ? undefined : times.get(winner);
    if (answered === undefined) return;
    for (const name of floor.dots) {
      const settled = times.get(name);
      if (settled === undefined || second.has(name) || settled.asked <= answered.acked) continue;
      this.#accuse(
        key,
        `${who} is answered ${winner}, acknowledged before ${name} was asked for, which is settled, too`,
      );
    }
  }

  #shown(key: string, record: TorcRecord | undefined, who: string): readonly string[] {
    const { values } = this.#at(key);
    const names: string[] = [];
    for (const { dot, tombstone, value } of record?.siblings ?? []) {
      const name = dotName(dot);
      names.push(name);
      const text = tombstone === true ? undefined : String.fromCharCode(...value);
      if (!values.has(name)) this.#accuse(key, `${who} was shown ${name}, which nobody wrote`);
      else if (values.get(name) !== text)
        this.#accuse(key, `${who} was shown ${text} at ${name}, not ${values.get(name)}`);
    }
    return names;
  }

  #accuse(key: string, what: string): void {
    this.violations.push(`key ${key}: ${what}`);
  }

  #at(key: string): KeyTruth {
    let truth = this.#keys.get(key);
    if (truth === undefined) {
      truth = {
        history: new CausalHistory(),
        values: new Map(),
        acknowledged: new Set(),
        second: new Set(),
        times: new Map(),
        settled: new Set(),
      };
      this.#keys.set(key, truth);
    }
    return truth;
  }
}
