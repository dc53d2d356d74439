/**
 * A full disk: writes are refused, reads and deletes go on, and the engine comes back by itself. The reserve is given up
 * at once, so that deletes and compactions find room; when it fits again, with a margin, the disk has room again.
 */
import type { Clock, Timer } from '@torc/base/ports/clock';
import type { Probe } from '@torc/base/ports/probe';
import type { Reserve } from '../reserve.ts';

/** How often a full disk is tried again. */
const RETRY_MS = 1000;

/** It counts as full until so many reserves fit: else giving up the reserve would already look like room. */
const MARGIN = 2;

/** What the engine does about it. */
export interface FullDiskHooks {
  /** Brings what was accepted into tables and down: deletes make room once they meet what they delete. */
  makeRoom(): void;
  /** Whether compactions shall bring down whatever makes room. */
  wantRoom(wanted: boolean): void;
  /** Writes are taken again. */
  hasRoom(): void;
}

export class FullDisk {
  readonly #clock: Clock;
  readonly #probe: Probe;
  readonly #reserve: Reserve;
  readonly #hooks: FullDiskHooks;
  #isFull = false;
  #timer: Timer | undefined;
  #closed = false;

  constructor(ports: { readonly clock: Clock; readonly probe: Probe }, reserve: Reserve, hooks: FullDiskHooks) {
    this.#clock = ports.clock;
    this.#probe = ports.probe;
    this.#reserve = reserve;
    this.#hooks = hooks;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Makes the reserve when the engine opens; a disk without room for it is full. */
  begin(): void {
    if (!this.#reserve.refill()) this.met();
  }

  /** Something met a full disk. */
  met(): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.#probe.reached('disk-full');
    this.#reserve.release();
    this.#hooks.wantRoom(true);
    this.#retry();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #retry(): void {
    this.#timer = this.#clock.setTimer(RETRY_MS, () => {
      if (this.#closed) return;
      if (!this.#reserve.refill(MARGIN)) {
        this.#retry();
        this.#hooks.makeRoom();
        return;
      }
      this.#isFull = false;
      this.#hooks.wantRoom(false);
      this.#probe.reached('disk-has-room-again');
      this.#hooks.hasRoom();
    });
  }
}
