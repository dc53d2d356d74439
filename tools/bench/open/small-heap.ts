/** Loaded before anything else in a store's process: what `torc start` does about memory before it starts. */
import { isMainThread } from 'node:worker_threads';
import { keepHeapSmall } from '@torc/server/small-heap';

if (isMainThread) keepHeapSmall();
