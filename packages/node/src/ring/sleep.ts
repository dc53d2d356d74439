import type { Clock } from '@torc/base/ports/clock';

/** Settles after so many ms. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(ms, resolve);
  });
}
