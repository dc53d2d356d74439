/**
 * What call a cursor over other cursors is in the middle of, because one of those answered `NEEDS_DISK`.
 *
 * What follows such an answer is the same call, which goes on where it stood, or a seek, which gives it up. The other step
 * would start from a place that is half left already: it is refused as a bug.
 */
import { assert } from '@torc/base/assert';
import { KeyBuffer } from './key-buffer.ts';

export const FINISHED = 0;
export const IN_NEXT = 1;
export const IN_PREVIOUS = 2;
export const IN_SEEK = 3;
export const IN_SEEK_BELOW = 4;

export type CallCode = typeof FINISHED | typeof IN_NEXT | typeof IN_PREVIOUS | typeof IN_SEEK | typeof IN_SEEK_BELOW;

export class Unfinished {
  call: CallCode = FINISHED;
  /** Of the last seek. */
  readonly target: KeyBuffer = new KeyBuffer();

  /** Whether a step begins; `false`: it goes on. */
  beginsStep(call: typeof IN_NEXT | typeof IN_PREVIOUS): boolean {
    if (this.call === call) return false;
    assert(this.call === FINISHED, 'after "needs disk" a cursor gets the same call again, or a seek');
    this.call = call;
    return true;
  }

  /** Whether a seek begins, its key copied to `target`; `false`: it goes on. */
  beginsSeek(call: typeof IN_SEEK | typeof IN_SEEK_BELOW, key: Uint8Array, start: number, end: number): boolean {
    if (this.call === call && this.target.equals(key, start, end)) return false;
    this.call = call;
    this.target.set(key, start, end);
    return true;
  }
}
