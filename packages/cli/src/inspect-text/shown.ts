/** Keys, ranges and entries for people. */
import { printableText } from '@torc/base/bytes';
import type { KeyRange } from '@torc/storage/manifest/edit';
import type { ShownEntry } from '@torc/storage/inspect/shown-entry';
import { keyText } from '@torc/storage/inspect/key-text';
import { renderTable } from '../table.ts';

export { keyText };

const VALUE_BYTES = 32;

export function rangesText(ranges: readonly KeyRange[]): string {
  return ranges.map(({ from, to }) => `${keyText(from)} to ${to === undefined ? 'the end' : keyText(to)}`).join(', ');
}

export function entriesText(entries: readonly ShownEntry[]): string {
  if (entries.length === 0) return '';
  const columns = [
    { title: 'AT', right: true },
    { title: 'KIND' },
    { title: 'KEY' },
    { title: 'STAMP', right: true },
    { title: 'ACTOR', right: true },
    { title: 'SIBLINGS', right: true },
    { title: 'BYTES', right: true },
    { title: 'VALUE' },
  ];
  return `\n${renderTable(columns, entries.map(entryRow))}`;
}

function entryRow({ offset, kind, key, record, recordBytes, problem }: ShownEntry): string[] {
  const winner = record?.siblings[0];
  const dot = winner === undefined ? ['-', '-'] : [String(winner.dot.stamp), String(winner.dot.actor)];
  const siblings = String(record?.siblings.length ?? 0);
  return [String(offset), kind, keyText(key), ...dot, siblings, String(recordBytes), valueText(winner, problem)];
}

function valueText(
  winner: { readonly tombstone?: true; readonly expiresAtMs?: number; readonly value: Uint8Array } | undefined,
  problem: string | undefined,
): string {
  if (winner === undefined) return problem ?? '-';
  if (winner.tombstone === true) return 'tombstone';
  const { value, expiresAtMs } = winner;
  const text = `"${printableText(value, 0, Math.min(value.length, VALUE_BYTES))}"${value.length > VALUE_BYTES ? '…' : ''}`;
  return expiresAtMs === undefined ? text : `${text} until ${new Date(expiresAtMs).toISOString()}`;
}
