/**
 * The two reusable shapes that go in and out of the hot path, so that no object is made per request.
 */
const NO_BYTES = new Uint8Array(0);

/** What a read found. Ranges point into the engine's memory: copy them out before the engine is called again. */
export class ReadView {
  /** Whether there is a live value. */
  live = false;
  /** The batch that the answer, present or absent, waits for; 0 when what it rests on is durable. */
  pendingBatch = 0;
  bytes: Uint8Array = NO_BYTES;
  valueStart = 0;
  valueEnd = 0;
  /** ms since 1970; 0 means never. */
  expiresAtMs = 0;
}

/** What a write is to put there. The value's range stays as it is until the call returns. */
export class NextVersion {
  bytes: Uint8Array = NO_BYTES;
  valueStart = 0;
  valueEnd = 0;
  /** ms since 1970; 0 means never. */
  expiresAtMs = 0;
  tombstone = false;
  /** The operation id, when the client sent one or another node coordinates. */
  id: Uint8Array | undefined;
  /** The stamp of the first attempt, on second attempts only; else 0. */
  firstStamp = 0;

  value(bytes: Uint8Array, start: number, end: number, expiresAtMs: number): this {
    this.bytes = bytes;
    this.valueStart = start;
    this.valueEnd = end;
    this.expiresAtMs = expiresAtMs;
    this.tombstone = false;
    this.id = undefined;
    this.firstStamp = 0;
    return this;
  }

  deletion(): this {
    this.bytes = NO_BYTES;
    this.valueStart = 0;
    this.valueEnd = 0;
    this.expiresAtMs = 0;
    this.tombstone = true;
    this.id = undefined;
    this.firstStamp = 0;
    return this;
  }

  /** Names the operation: `firstStamp` when this is a second attempt at it. */
  named(id: Uint8Array | undefined, firstStamp = 0): this {
    this.id = id;
    this.firstStamp = firstStamp;
    return this;
  }
}
