/** A whole data directory for people. */
import type { PlacedTable } from '@torc/storage/manifest/edit';
import type { DirectoryReport } from '@torc/storage/inspect/directory-report';
import type { TableReport } from '@torc/storage/inspect/table-report';
import { countText, renderTable, sizeText } from '../table.ts';
import { paint } from '../terminal.ts';
import { logsText } from './log-text.ts';
import { manifestHead } from './manifest-text.ts';
import { keyText } from './shown.ts';
import { codecsText, rateText } from './table-text.ts';

const TABLE_COLUMNS = [
  { title: 'RUN', right: true },
  { title: 'TABLE', right: true },
  { title: 'SIZE', right: true },
  { title: 'ENTRIES', right: true },
  { title: 'TOMBSTONES', right: true },
  { title: 'BLOCKS', right: true },
  { title: 'BITS/KEY', right: true },
  { title: 'FALSE POSITIVES' },
  { title: 'INDEX', right: true },
  { title: 'CODECS' },
  { title: 'FIRST KEY' },
  { title: 'LAST KEY' },
  { title: 'STATE' },
];

export function directoryText(directory: string, report: DirectoryReport): string {
  const { manifest, logs, others, totals } = report;
  const parts = [`${paint('bold', directory)}  ${countText(totals.files, 'file')}, ${sizeText(totals.bytes)}\n`];
  if (manifest !== undefined) parts.push(manifestHead(manifest));
  const rows = tableRows(report);
  if (rows.length > 0) parts.push(renderTable(TABLE_COLUMNS, rows));
  if (logs.length > 0) parts.push(logsText(logs));
  if (others.length > 0) {
    const columns = [{ title: 'OTHER FILE' }, { title: 'WHAT' }, { title: 'SIZE', right: true }];
    const cells = others.map(({ path, kind, bytes }) => [path, kind, bytes === undefined ? '-' : sizeText(bytes)]);
    parts.push(renderTable(columns, cells));
  }
  const kinds = [...totals.byKind].map(([kind, { files, bytes }]) => [kind, String(files), sizeText(bytes)]);
  if (kinds.length > 0) {
    parts.push(
      renderTable([{ title: 'TOTAL' }, { title: 'FILES', right: true }, { title: 'SIZE', right: true }], kinds),
    );
  }
  return parts.join('\n');
}

/** By run, newest first, each in key order; what no run has comes last. */
function tableRows({ manifest, tables, orphans }: DirectoryReport): string[][] {
  const placed = manifest?.runs.flatMap((run) => run.tables) ?? [];
  const byNumber = new Map(tables.map((table) => [table.number, table]));
  const rows: string[][] = [];
  for (const one of placed) {
    const table = byNumber.get(one.meta.number);
    if (table !== undefined) rows.push(tableRow(table, one));
  }
  for (const number of orphans) {
    const table = byNumber.get(number);
    if (table !== undefined) rows.push(tableRow(table, undefined));
  }
  return rows;
}

function tableRow(table: TableReport, placed: PlacedTable | undefined): string[] {
  const { number, data, filter, problem } = table;
  const meta = table.meta ?? placed?.meta;
  const run = placed === undefined ? '-' : String(placed.rank);
  if (meta === undefined) return [run, String(number), ...Array.from({ length: 10 }, () => '-'), problem ?? '-'];
  return [
    run,
    String(number),
    sizeText(meta.fileBytes),
    String(meta.entries),
    String(meta.tombstones),
    String(meta.blocks),
    filter === undefined ? '-' : filter.bitsPerKey.toFixed(1),
    filter === undefined ? '-' : rateText(filter),
    sizeText(meta.indexBytes),
    data === undefined ? '-' : codecsText(data),
    keyText(meta.firstKey),
    keyText(meta.lastKey),
    stateOf(table, placed),
  ];
}

function stateOf({ problem, damaged }: TableReport, placed: PlacedTable | undefined): string {
  if (problem !== undefined) return problem;
  const words: string[] = [];
  if (placed === undefined) words.push('not named');
  if (damaged.length > 0) words.push(countText(damaged.length, 'damaged block'));
  if (placed !== undefined && placed.holes.length > 0) words.push(countText(placed.holes.length, 'hole'));
  if (placed !== undefined && placed.damaged.length > 0) words.push('marked as damaged');
  return words.length === 0 ? 'sound' : words.join(', ');
}
