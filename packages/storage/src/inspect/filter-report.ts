/**
 * A table's filters: how large they are, and how often they let an absent key pass, measured beside what theory says of
 * so many bits and probes.
 */
import { readU32 } from '@torc/base/bytes';
import { DamageError, DiskError } from '@torc/base/errors';
import { filterIsSound, filterMayContain, FILTER_TRAILER_BYTES } from '../filter/bloom.ts';
import { KEY_PREFIX_BYTES } from '../key.ts';
import { readBlockNow } from '../sstable/block-io.ts';
import type { TableBlock } from '../sstable/table-blocks.ts';
import { hashOf, type HashKeys } from './table-check.ts';
import type { Table } from '../sstable/table.ts';
import type { InspectPorts } from './inspect-ports.ts';

export interface FilterReport {
  readonly blocks: number;
  readonly storedBytes: number;
  readonly bitsPerKey: number;
  readonly probes: number;
  readonly asked: number;
  /** How many absent keys they said "maybe" to. */
  readonly passed: number;
  readonly rate: number;
  readonly theory: number;
}

const ABSENT_KEY_BYTES = 16;

/** `undefined` when the table has none that can be read. One that cannot is left to the check of the table to report. */
export function reportFilters(
  ports: InspectPorts,
  table: Table,
  handles: readonly TableBlock[],
  { probes: questions, hashKeys }: { readonly probes: number; readonly hashKeys: HashKeys },
): FilterReport | undefined {
  const filters = handles.map((handle) => readFilter(ports, table, handle)).filter((filter) => filter !== undefined);
  const [first] = filters;
  if (first === undefined) return undefined;
  const bits = filters.reduce((sum, filter) => sum + readU32(filter, filter.length - FILTER_TRAILER_BYTES), 0);
  const probes = readU32(first, first.length - FILTER_TRAILER_BYTES + 4);
  // Where a filter could not be read, its keys are not counted either, as far as that is known.
  const keys = (table.meta.entries * filters.length) / handles.length;
  const bitsPerKey = keys === 0 ? 0 : bits / keys;
  const passed = countPassed(ports, filters, questions, hashKeys);
  return {
    blocks: filters.length,
    storedBytes: table.meta.filterBytes,
    bitsPerKey,
    probes,
    asked: questions,
    passed,
    rate: questions === 0 ? 0 : passed / questions,
    theory: bitsPerKey === 0 ? 1 : (1 - Math.exp(-probes / bitsPerKey)) ** probes,
  };
}

function readFilter({ compressor }: InspectPorts, table: Table, handle: TableBlock): Uint8Array | undefined {
  try {
    const filter = readBlockNow(table.file, table, handle, compressor);
    return filterIsSound(filter, 0, filter.length) ? filter : undefined;
  } catch (error) {
    if (!(error instanceof DamageError || error instanceof DiskError)) throw error;
    return undefined;
  }
}

/** Random keys of 16 bytes: that one of them is there is out of the question. */
function countPassed(
  { random }: InspectPorts,
  filters: readonly Uint8Array[],
  questions: number,
  hashKeys: HashKeys,
): number {
  const key = new Uint8Array(KEY_PREFIX_BYTES + ABSENT_KEY_BYTES);
  let passed = 0;
  for (let i = 0; i < questions; i += 1) {
    for (let at = KEY_PREFIX_BYTES; at < key.length; at += 1) key[at] = random.below(256);
    const filter = filters[i % filters.length] as Uint8Array;
    if (filterMayContain(filter, 0, filter.length, hashOf(key, key.length, hashKeys))) passed += 1;
  }
  return passed;
}
