/** What a client asks of a ring: one key, a level, a deadline. */
import type { Clock as RecordClock } from '@torc/base/record/clock';
import type { Level } from '@torc/cluster/quorum/levels';

interface AtKey {
  readonly bucket: number;
  readonly key: Uint8Array;
  readonly level: Level;
  /** Monotonic ms of the node that is asked. */
  readonly deadlineMs: number;
}

export interface ReadOperation extends AtKey {
  /** What the session has seen: the answer covers it. */
  readonly atLeast?: RecordClock;
}

export interface WriteOperation extends AtKey {
  /** `undefined`: a tombstone. */
  readonly value: Uint8Array | undefined;
  /** ms since 1970; 0 means never. */
  readonly expiresAtMs: number;
  /** What the client had seen; a blind write without. */
  readonly context?: RecordClock;
  /** Given by the client: 1 to 64 bytes. */
  readonly id?: Uint8Array;
}

export interface RemoveOperation extends AtKey {
  readonly readLevel: Level;
  readonly id?: Uint8Array;
}
