/**
 * Who is held to be down. Down never means removed: it means that nobody waits for this node now.
 *
 * Until the accrual detector of DESIGN section 7 stands behind this interface: a peer is held down when it refused a
 * connection, or when nothing was heard of it for a second.
 */
export interface Detector {
  /** Something came from this node. */
  heard(actor: number, nowMs: number): void;
  /** It refused a connection: nobody listens there. */
  refused(actor: number, nowMs: number): void;
  isDown(actor: number, nowMs: number): boolean;
}

/** Monotonic ms. Four beats are missed by then. */
export const SILENT_MS = 1000;

interface Heard {
  atMs: number;
  isRefused: boolean;
}

export class SilenceDetector implements Detector {
  readonly #heard = new Map<number, Heard>();

  heard(actor: number, nowMs: number): void {
    this.#heard.set(actor, { atMs: nowMs, isRefused: false });
  }

  refused(actor: number, nowMs: number): void {
    this.#at(actor, nowMs).isRefused = true;
  }

  /** A node that is asked about for the first time gets the benefit of the doubt for as long as any other. */
  isDown(actor: number, nowMs: number): boolean {
    const { atMs, isRefused } = this.#at(actor, nowMs);
    return isRefused || nowMs - atMs >= SILENT_MS;
  }

  #at(actor: number, nowMs: number): Heard {
    let heard = this.#heard.get(actor);
    if (heard === undefined) {
      heard = { atMs: nowMs, isRefused: false };
      this.#heard.set(actor, heard);
    }
    return heard;
  }
}
