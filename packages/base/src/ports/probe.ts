/**
 * What the code tells its test about itself. In production every call is a constant `false` or does nothing.
 *
 * Contract:
 * - `reached` counts that a rare branch ran: a simulation that never reached it has not tested it.
 * - `cruel` says whether to take the harder of two correct ways here; both ways keep every promise.
 * - `planted` says whether a known bug is switched on. Only a test's probe ever says yes; a checker must then see it.
 *   Asked once, in a constructor, so that no hot path pays for it.
 */
export interface Probe {
  reached(branch: string): void;
  cruel(choice: string): boolean;
  planted(bug: PlantedBug): boolean;
}

/** Every bug that a checker has been shown to catch. `npm run bugs` switches each on in turn. */
export const PLANTED_BUGS = [
  'ack-before-sync',
  'sync-result-ignored',
  'stamp-reused-after-restart',
  'lineage-floor-not-raised',
  'delta-instead-of-record',
  'checksum-over-body-only',
  'short-write-not-continued',
  'tail-not-rewritten',
  'directory-not-synced',
  'log-dropped-before-table-is-named',
  'damage-cut-as-tail',
  'full-disk-batch-kept-in-memory',
  'plain-counter-clock',
  'table-directory-not-synced',
  'table-removed-before-the-manifest',
  'block-checksum-skipped',
  'filter-false-negative',
  'tombstone-dropped-above-older',
  'memtable-dropped-before-its-table',
  'replay-stops-at-bad-frame',
  'newest-sequence-wins',
  'scan-skips-moved-keys',
  'frozen-memtable-called-durable',
  'stored-before-durable',
  'repair-not-awaited',
  'merge-drops-a-sibling',
  'second-attempt-takes-local-clock',
  'wall-clock-as-stamp',
  'newer-not-told',
] as const;

export type PlantedBug = (typeof PLANTED_BUGS)[number];

/** The probe of production: nothing is counted, nothing is cruel, nothing is planted. */
export const SILENT_PROBE: Probe = {
  reached(): void {},
  cruel(): boolean {
    return false;
  },
  planted(): boolean {
    return false;
  },
};
