/**
 * What a simulated disk does wrong: by rates, from its seed, or armed for the n-th call of a kind.
 *
 * 1. A rate of zero draws nothing; faults have a stream of their own. So switching one off does not shift the others.
 * 2. Armed failures count the calls of their kind from the moment of arming, the next one being 1.
 */
import { DiskError, type DiskErrorCode } from '@torc/base/errors';
import { assert } from '@torc/base/assert';
import type { SimRandom } from '../random.ts';

export type OperationKind =
  | 'open'
  | 'create'
  | 'list'
  | 'rename'
  | 'link'
  | 'remove'
  | 'makeDirectory'
  | 'syncDirectory'
  | 'size'
  | 'read'
  | 'write'
  | 'sync'
  | 'truncate';

/**
 * What a failed sync leaves in the page cache. `dirty`: all is still to be written. `forgotten`: readable, but no later
 * sync writes it. `dropped`: the old bytes are back at once. In each, some of the sectors may have become durable.
 */
export const SYNC_FAILURES = ['dirty', 'forgotten', 'dropped'] as const;
export type SyncFailure = (typeof SYNC_FAILURES)[number];

/** Probabilities from 0 to 1, and times in virtual milliseconds. */
export interface FaultRates {
  /** A write of more than one byte is short. 1: every one. */
  readonly shortWrites: number;
  /** Any call fails with `io`, syncs excepted. */
  readonly ioErrors: number;
  readonly syncFailures: number;
  /** After a write, one unsynced sector of the file reaches the platter by itself. */
  readonly writeBack: number;
  /** How long a `…Now` call, and every call without a twin, holds its node up. */
  readonly nowMs: number;
  /** A `…Later` call takes effect after a time between these. */
  readonly laterMs: readonly [least: number, most: number];
}

export const NO_FAULTS: FaultRates = {
  shortWrites: 0,
  ioErrors: 0,
  syncFailures: 0,
  writeBack: 0,
  nowMs: 0,
  laterMs: [0, 0.2],
};

interface Armed {
  readonly kind: OperationKind;
  calls: number;
  readonly code: DiskErrorCode;
  readonly syncFailure: SyncFailure;
  readonly sticky: boolean;
}

export class Faults {
  rates: FaultRates;
  readonly random: SimRandom;
  readonly #armed: Set<Armed> = new Set();

  constructor(random: SimRandom, rates: Partial<FaultRates> = {}) {
    this.random = random;
    this.rates = { ...NO_FAULTS, ...rates };
  }

  set(rates: Partial<FaultRates>): void {
    this.rates = { ...this.rates, ...rates };
  }

  /** The `nth` call of this kind from now on fails, once. */
  failNth(kind: OperationKind, nth: number = 1, code: DiskErrorCode = 'io'): void {
    this.#arm({ kind, calls: nth, code, syncFailure: 'dirty', sticky: false });
  }

  /** The `nth` sync of a file from now on fails and leaves the page cache like that. */
  failSync(nth: number, syncFailure: SyncFailure): void {
    this.#arm({ kind: 'sync', calls: nth, code: 'io', syncFailure, sticky: false });
  }

  /** Every call of this kind fails until `heal`. */
  failAlways(kind: OperationKind, code: DiskErrorCode = 'io'): void {
    this.#arm({ kind, calls: 1, code, syncFailure: 'forgotten', sticky: true });
  }

  /** No armed failures, no rates. */
  heal(): void {
    this.#armed.clear();
    this.rates = NO_FAULTS;
  }

  /** Throws if this call is to fail. For a failing sync `onSyncFailure` is told how, first. */
  check(kind: OperationKind, path: string, onSyncFailure?: (how: SyncFailure) => void): void {
    let failing: Armed | undefined;
    for (const armed of this.#armed) {
      if (armed.kind !== kind || --armed.calls > 0) continue;
      if (armed.sticky) armed.calls = 1;
      else this.#armed.delete(armed);
      failing ??= armed;
    }
    if (failing !== undefined) {
      if (kind === 'sync') onSyncFailure?.(failing.syncFailure);
      throw new DiskError(failing.code, path, `${kind} failed (armed fault)`);
    }
    const rate = kind === 'sync' ? this.rates.syncFailures : this.rates.ioErrors;
    if (!this.random.chance(rate)) return;
    if (kind === 'sync') onSyncFailure?.(this.random.pick(SYNC_FAILURES));
    throw new DiskError('io', path, `${kind} failed (random fault)`);
  }

  /** How much of a write of `length` bytes happens. */
  writeLength(length: number): number {
    if (length <= 1 || !this.random.chance(this.rates.shortWrites)) return length;
    return 1 + this.random.below(length - 1);
  }

  /** After how long a `…Later` call takes effect. */
  laterDelayMs(): number {
    const [least, most] = this.rates.laterMs;
    return least + this.random.fraction() * (most - least);
  }

  #arm(armed: Armed): void {
    assert(Number.isInteger(armed.calls) && armed.calls >= 1, 'a fault is armed for the first call or a later one');
    this.#armed.add(armed);
  }
}
