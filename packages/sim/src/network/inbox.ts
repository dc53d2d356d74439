/**
 * What a connection's handler is still to hear, in order, each in an event of its own on the node's clock: a blocked node
 * hears late, a killed one never.
 *
 * Order is this list's, not the timers': a block that grows meanwhile moves timers past each other.
 */
import type { ConnectionHandler } from '@torc/base/ports/transport';
import type { SimClock } from '../clock.ts';

export class Inbox {
  readonly #clock: SimClock;
  #calls: (() => void)[] = [];

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  push(call: () => void): void {
    this.#calls.push(call);
    this.#clock.setTimer(0, () => this.#calls.shift()?.());
  }

  /** What has not been heard never will be. What is pushed from now on is. */
  clear(): void {
    this.#calls = [];
  }
}

const MOST_PREFIX_BYTES = 7;

/**
 * Hands a message over in a buffer with something before and after it, and spoils the buffer afterwards: who keeps it, or
 * believes that it begins at 0, is found out.
 */
export function handOver(handler: ConnectionHandler, message: Uint8Array): void {
  const start = message.length % (MOST_PREFIX_BYTES + 1);
  const buffer = new Uint8Array(start + message.length + 1).fill(0xa5);
  buffer.set(message, start);
  try {
    handler.received(buffer, start, start + message.length);
  } finally {
    buffer.fill(0xdb);
  }
}
