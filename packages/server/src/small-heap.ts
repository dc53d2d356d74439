/**
 * Keeps the runtime's own heap small, in a process that is nothing but a node. A node's data lie outside that heap, in a
 * budget; on it are small objects, most of them for arrays outside. Left to itself it takes what a budget knows nothing of:
 *
 * 1. The young generation grows to 48 MiB and more. Here it stays as it is, at 2 MiB or a little more.
 * 2. The old generation may grow to several times what was alive when it was last collected, and the arrays of its garbage
 *    with it. Here it grows by three tenths, or by the few MiB that the runtime always allows.
 *
 * Filling and overwriting take no more time with both. The limits themselves can only be given when a process is started;
 * these two settings are read whenever the heap is about to grow. They hold for the whole process, workers included, so a
 * program that has a node in it decides for itself.
 */
import { setFlagsFromString } from 'node:v8';

const OLD_GROWTH_PERCENT = 30;

/** To be called early: a young generation that has grown is not made smaller. */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString(`--heap-growing-percent=${OLD_GROWTH_PERCENT}`);
}
