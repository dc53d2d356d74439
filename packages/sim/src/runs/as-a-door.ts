/** Reads and writes as a door makes them: what lies on the disk is loaded, and then the same is done again. */
import type { TorcNode } from '@torc/node/node';
import { EngineKey } from '@torc/storage/key';
import { NeedsDisk } from '@torc/storage/read/needs-disk';

export type Settle = <T>(work: Promise<T>) => Promise<T>;

/** `work` does nothing before it has read all of these keys: it may be begun twice. */
export async function asADoor<T>(
  node: TorcNode,
  keys: readonly Uint8Array[],
  settle: Settle,
  work: () => T,
): Promise<T> {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof NeedsDisk)) throw error;
  }
  await settle(node.load(keys.map((key) => new EngineKey().aim(0, key, 0, key.length))));
  return node.withLoaded(work);
}
