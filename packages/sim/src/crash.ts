/**
 * The end of a simulated process. It may be thrown out of any call of a dead disk, also out of a synchronous one.
 *
 * It is deliberately not an `Error`: code that catches `DiskError` (or anything else it can name) and rethrows the rest
 * cannot hold it, and no `instanceof Error` lets it pass for a failure that can be handled. Only a harness names it.
 */
export class Crash {
  readonly reason: string;
  /** The last operations before the end, oldest first, for the failure message. */
  readonly trace: readonly string[];

  constructor(reason: string, trace: readonly string[] = []) {
    this.reason = reason;
    this.trace = trace;
  }

  toString(): string {
    return `crash: ${this.reason}`;
  }
}
