/**
 * The oracle of the crash tests: what was attempted, what was acknowledged, and therefore what a key may hold.
 *
 * For each key one writer owns the order of its writes, and they are acknowledged in that order. So the history of a
 * key is a list, and the server has run some prefix of it:
 *
 * 1. The prefix is no shorter than the last acknowledged write, nor than the last write that any reader has seen: a
 *    value is shown only when it is durable, and what was shown must not vanish.
 * 2. What was recovered after a crash is the truth from then on. An unacknowledged write that did not survive the
 *    first restart must not rise at the second.
 *
 * Values must be unique within a key, otherwise old and new cannot be told apart. Pure: no clock, no socket.
 */

/** What a key holds; null is "no such key". */
export type Held = string | null;

export type Fault =
  /** An acknowledged value is not there, and nothing later is. */
  | 'lost'
  /** A value that an acknowledged delete had removed is back. */
  | 'resurrected'
  /** An older value than the acknowledged one. */
  | 'stale'
  /** A value that nobody wrote to this key. */
  | 'invented';

export interface Violation {
  readonly fault: Fault;
  readonly key: string;
  readonly found: Held;
  /** What the key might have held: the last acknowledged (or seen) state first, then the attempts after it. */
  readonly allowed: readonly Held[];
}

interface History {
  /** States of the key in their order, from `first` on. The one at `floor` or a later one is the truth. */
  states: Held[];
  /** The number of the state that stands first in the list. Numbers go on rising when older states are dropped. */
  first: number;
  floor: number;
  /** Values that the key must never hold again. */
  readonly past: Set<string>;
}

export class WriteLedger {
  readonly #histories = new Map<string, History>();
  #acknowledged = 0;

  get keys(): readonly string[] {
    return [...this.#histories.keys()];
  }

  /** How many writes were acknowledged, over all keys. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** A write is about to be sent; null deletes. Its number, for `acknowledge`. */
  attempt(key: string, value: Held): number {
    const history = this.#history(key);
    history.states.push(value);
    return history.first + history.states.length - 1;
  }

  acknowledge(key: string, attempt: number): void {
    const history = this.#history(key);
    if (attempt >= history.first + history.states.length) throw new RangeError(`${key}: ${attempt} was not attempted`);
    history.floor = Math.max(history.floor, attempt);
    this.#acknowledged += 1;
  }

  /** The number of the oldest state that a read sent now may answer. */
  floorOf(key: string): number {
    return this.#history(key).floor;
  }

  /** The state after all attempts so far: what the next command of the key's own writer meets. */
  latest(key: string): Held {
    return this.#history(key).states.at(-1) ?? null;
  }

  /** The number of that state. */
  latestOf(key: string): number {
    const { first, states } = this.#history(key);
    return first + states.length - 1;
  }

  /** A read answered `found`; `from` is what `floorOf` said when it was sent. What it showed must survive from now on. */
  observe(key: string, found: Held, from: number): Violation | undefined {
    const history = this.#history(key);
    const seen = indexFrom(history, found, from);
    if (seen < 0) return violation(history, key, found, from);
    history.floor = Math.max(history.floor, history.first + seen);
    return undefined;
  }

  /** After a restart the key holds `found`. Judges it; whatever the verdict, it is the truth of the key from now on. */
  recover(key: string, found: Held): Violation | undefined {
    const history = this.#history(key);
    const wrong =
      indexFrom(history, found, history.floor) < 0 ? violation(history, key, found, history.floor) : undefined;
    for (const state of history.states) if (state !== null && state !== found) history.past.add(state);
    history.first += history.states.length;
    history.states = [found];
    history.floor = history.first;
    return wrong;
  }

  #history(key: string): History {
    let history = this.#histories.get(key);
    if (history === undefined) {
      history = { states: [null], first: 0, floor: 0, past: new Set() };
      this.#histories.set(key, history);
    }
    return history;
  }
}

/** One line for a failing test. */
export function describeViolation({ fault, key, found, allowed }: Violation): string {
  const may = allowed.slice(0, 5).map((state) => show(state));
  const more = allowed.length > 5 ? ` and ${allowed.length - 5} more` : '';
  return `${fault}: ${key} holds ${show(found)}; it may hold ${may.join(' or ')}${more}`;
}

function show(state: Held): string {
  if (state === null) return 'nothing';
  return state.length <= 60 ? JSON.stringify(state) : `${JSON.stringify(state.slice(0, 60))} (${state.length} chars)`;
}

/** The place of `found` among the states numbered `from` and later; of several deletes the earliest. -1 if none. */
function indexFrom(history: History, found: Held, from: number): number {
  return history.states.indexOf(found, Math.max(0, from - history.first));
}

function violation(history: History, key: string, found: Held, from: number): Violation {
  const allowed = history.states.slice(Math.max(0, from - history.first));
  const fault = faultOf(history, found, allowed[0] ?? null);
  return { fault, key, found, allowed };
}

function faultOf(history: History, found: Held, acknowledged: Held): Fault {
  if (found === null) return 'lost';
  if (!history.past.has(found) && !history.states.includes(found)) return 'invented';
  return acknowledged === null ? 'resurrected' : 'stale';
}
