/** Counts of tests, and the one line in which the gate ends. People and machines read that line; its form is fixed. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Names of tests that were skipped or are marked as still to do, with the reason they gave. */
  readonly skipped: readonly string[];
}

export const emptyTally: Tally = { passed: 0, failed: 0, skipped: [] };

export function sum(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: [...a.skipped, ...b.skipped] };
}

export function summaryLine(tally: Tally): string {
  const line = `torc: ${tally.passed} passed, ${tally.failed} failed`;
  return tally.skipped.length === 0 ? line : `${line}, ${tally.skipped.length} skipped`;
}
