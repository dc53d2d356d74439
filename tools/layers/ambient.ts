/**
 * What the pure house may not touch: time, randomness, timers and the process come in through ports, so that a run is
 * decided by its seed alone. Most of these do not even compile there (`types` is empty); the compiler's own library
 * still brings the first few, and a tool that reads the list here also sees what a type assertion would hide.
 */
export const ambientGlobals: readonly string[] = [
  'Date',
  'globalThis',
  'WeakRef',
  'FinalizationRegistry',
  'Intl',
  'eval',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'queueMicrotask',
  'Buffer',
  'process',
  'fetch',
  'TextEncoder',
  'TextDecoder',
  'performance',
  'console',
  'crypto',
  'require',
];

/** The same, for members of globals that are fine otherwise. */
export const ambientMembers: readonly (readonly [object: string, property: string])[] = [['Math', 'random']];
