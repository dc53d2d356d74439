/** Work that nobody waits for. */
import { DiskError, ExecutorError, Refusal } from '@torc/base/errors';
import type { Clock } from '@torc/base/ports/clock';

/** A failure of the disk or the worker is dealt with elsewhere; anything else is thrown where the clock's owner sees it. */
export async function runAside(clock: Clock, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DiskError || error instanceof ExecutorError || error instanceof Refusal) return;
    clock.onTurnEnd(() => {
      throw error;
    });
  }
}
