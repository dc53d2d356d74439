/** What a salvage gave up: places whose bytes did not check out, so that an operator can say what may be missing. */
export interface Gap {
  readonly path: string;
  readonly fromBytes: number;
  readonly toBytes: number;
  /** Batches that should stand there; `lastBatch` is absent when nothing sound follows to tell. */
  readonly firstBatch: number;
  readonly lastBatch?: number;
  readonly detail: string;
}

/** Decides what damage means: refuse to open, or note it and go on. */
export class DamagePolicy {
  readonly salvage: boolean;
  readonly gaps: Gap[] = [];

  constructor(salvage: boolean) {
    this.salvage = salvage;
  }

  /** Throws `error` unless this is a salvage. */
  meet(error: Error, gap: Gap): void {
    if (!this.salvage) throw error;
    this.gaps.push(gap);
  }
}
