/** Looks at a store's process and folder from outside, so that it sees them also while the store holds its event loop. */
import { diskBytes, residentBytes } from '../engine/usage.ts';

const everyMs = 100;

export interface Watched {
  /** The most memory at any moment, by the kernel's own account of the process. */
  readonly peakRssBytes: number;
  /** The most memory and disk that was seen; one look each 100 ms. */
  readonly seenRssBytes: number;
  readonly seenDiskBytes: number;
}

/** Watches until the returned call, which says what was seen. */
export function watch(pid: number, folder: string): () => Watched {
  let peakRssBytes = 0;
  let seenRssBytes = 0;
  let seenDiskBytes = 0;
  const look = (): void => {
    const { now, peak } = residentBytes(pid);
    peakRssBytes = Math.max(peakRssBytes, peak);
    seenRssBytes = Math.max(seenRssBytes, now);
    seenDiskBytes = Math.max(seenDiskBytes, diskBytes(folder));
  };
  const timer = setInterval(look, everyMs);
  return () => {
    clearInterval(timer);
    look();
    return { peakRssBytes, seenRssBytes, seenDiskBytes };
  };
}
