/** Those who wait for a boundary between two segments: first until it is drawn, then until the segment behind it is there. */

interface BoundaryWait {
  readonly drawn: (segment: number) => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class BoundaryWaits {
  #waiting: BoundaryWait[] = [];
  #drawn: BoundaryWait[] = [];

  /** Whether somebody waits for a boundary that is not drawn yet. */
  get any(): boolean {
    return this.#waiting.length > 0;
  }

  /** `drawn` is called when it is drawn; settles with `arrived` or `giveUp`. */
  wait(drawn: (segment: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ drawn, resolve, reject });
    });
  }

  /** What is appended from now on stands in this segment or later ones. */
  draw(segment: number): void {
    const waits = this.#waiting;
    this.#waiting = [];
    this.#drawn.push(...waits);
    for (const { drawn } of waits) drawn(segment);
  }

  /** The segment behind the last boundary takes writes, and everything before it is durable. */
  arrived(): void {
    const waits = this.#drawn;
    this.#drawn = [];
    for (const { resolve } of waits) resolve();
  }

  giveUp(error: Error): void {
    const waits = [...this.#drawn, ...this.#waiting];
    this.#drawn = [];
    this.#waiting = [];
    for (const { reject } of waits) reject(error);
  }
}
