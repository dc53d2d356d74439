/**
 * The count of what a disk was asked to change, and the crash that is armed at one of these points.
 *
 * 1. Only operations that can change what survives are counted, from 1: create, write, sync, truncate, rename, link,
 *    remove, makeDirectory, syncDirectory. A crash at a read leaves what a crash after the change before it leaves.
 * 2. A `…Later` call is counted when it takes effect, not when it is made: that is its place in the order.
 */
import type { OperationKind } from './faults.ts';

export type CrashMoment = 'before' | 'during' | 'after';
export const CRASH_MOMENTS: readonly CrashMoment[] = ['before', 'during', 'after'];

export interface CrashPoint {
  /** The n-th counted operation, from 1. */
  readonly operation: number;
  readonly moment: CrashMoment;
}

export interface Operation {
  readonly kind: OperationKind;
  readonly path: string;
  readonly position: number;
  readonly length: number;
}

const TRACE_LENGTH = 32;

export class OperationLog {
  #count = 0;
  #armed: CrashPoint | undefined;
  readonly #recent: Operation[] = [];
  #hash = 0x811c9dc5;

  count(): number {
    return this.#count;
  }

  /** A number that two runs share when they did the same operations in the same order. */
  hash(): number {
    return this.#hash >>> 0;
  }

  arm(point: CrashPoint | undefined): void {
    this.#armed = point;
  }

  /** Counts an operation and says when a crash strikes it, if one does. */
  enter(operation: Operation): CrashMoment | undefined {
    const { kind, path, position, length } = operation;
    this.#recent[this.#count % TRACE_LENGTH] = operation;
    this.#count++;
    this.#mix(kind.charCodeAt(0) * 31 + kind.length);
    for (let i = 0; i < path.length; i++) this.#mix(path.charCodeAt(i));
    this.#mix(position);
    this.#mix(length);
    return this.#armed?.operation === this.#count ? this.#armed.moment : undefined;
  }

  /** The last operations, oldest first. */
  trace(): string[] {
    const lines: string[] = [];
    for (let index = Math.max(0, this.#count - TRACE_LENGTH); index < this.#count; index++) {
      const operation = this.#recent[index % TRACE_LENGTH];
      if (operation === undefined) continue;
      const { kind, path, position, length } = operation;
      const range = kind === 'write' ? ` ${position}+${length}` : kind === 'truncate' ? ` to ${position}` : '';
      lines.push(`#${index + 1} ${kind} ${path}${range}`);
    }
    return lines;
  }

  #mix(word: number): void {
    this.#hash = Math.imul(this.#hash ^ (word | 0), 0x01000193);
  }
}
