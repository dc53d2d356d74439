/** A table for people. */
import type { PlacedTable } from '@torc/storage/manifest/edit';
import type { DataReport, TableReport } from '@torc/storage/inspect/table-report';
import { countText, renderTable, sizeText } from '../table.ts';
import { paint } from '../terminal.ts';
import { entriesText, keyText, rangesText } from './shown.ts';

const CODECS = ['stored', 'LZ4', 'deflate'];

export function tableText(report: TableReport, placed: PlacedTable | undefined): string {
  const { path, meta, data, problem } = report;
  if (meta === undefined || data === undefined) return `${path}: ${paint('red', problem ?? 'it cannot be read')}\n`;
  const rows: [string, string][] = [
    ['file', `${path}, ${sizeText(meta.fileBytes)}`],
    ['place', placeText(placed)],
    ['keys', `${keyText(meta.firstKey)} to ${keyText(meta.lastKey)}`],
    ['entries', `${meta.entries}: ${meta.parts} parts, ${meta.tombstones} tombstones, ${meta.expiring} expiring`],
    ['stamps', `${meta.lowStamp} to ${meta.highStamp}`],
    ['expiry', expiryText(meta.lowExpiryMs, meta.highExpiryMs)],
    ['content', `keys ${sizeText(meta.keyBytes)}, records ${sizeText(meta.recordBytes)}`],
    ['blocks', `${meta.blocks} of data in ${countText(report.partitions ?? 0, 'partition')}; ${data.blocks} read`],
    ['restarts', `${data.restarts}, one for ${perText(data.entries, data.restarts)} entries`],
    ['codecs', codecsText(data)],
    ['filter', filterText(report)],
    ['index', `${sizeText(meta.indexBytes)} stored, ${sizeText(report.topIndexBytes ?? 0)} of it stay in memory`],
    ...placeRows(placed),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const facts = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
  return facts + damageText(report) + entriesText(report.entries);
}

function placeText(placed: PlacedTable | undefined): string {
  if (placed === undefined) return 'the manifest does not name it';
  return placed.rank === 0 ? 'in the bottom run' : `in run ${placed.rank}`;
}

function placeRows(placed: PlacedTable | undefined): [string, string][] {
  if (placed === undefined) return [];
  const rows: [string, string][] = [];
  if (placed.holes.length > 0) rows.push(['holes', rangesText(placed.holes)]);
  if (placed.damaged.length > 0) rows.push(['damaged', rangesText(placed.damaged)]);
  return rows;
}

function expiryText(lowMs: number, highMs: number): string {
  if (highMs === 0) return 'none';
  return `${new Date(lowMs).toISOString()} to ${new Date(highMs).toISOString()}`;
}

/** "LZ4 97 % (0.41 of the size), stored 3 %" */
export function codecsText({ codecs, blocks }: DataReport): string {
  if (blocks === 0) return '-';
  return codecs
    .toSorted((a, b) => b.blocks - a.blocks)
    .map(({ codec, blocks: used, storedBytes, rawBytes }) => {
      const name = CODECS[codec] ?? `codec ${codec}`;
      const share = `${name} ${((used / blocks) * 100).toFixed(0)} %`;
      return codec === 0 ? share : `${share} (${(storedBytes / rawBytes).toFixed(2)} of the size)`;
    })
    .join(', ');
}

function filterText({ filter, meta }: TableReport): string {
  if (filter === undefined) return (meta?.filterBytes ?? 0) === 0 ? 'none' : 'it cannot be read';
  const { bitsPerKey, probes, passed, asked } = filter;
  const size = `${sizeText(filter.storedBytes)}, ${bitsPerKey.toFixed(1)} bits a key, ${probes} probes`;
  return `${size}; let ${passed} of ${asked} absent keys pass: ${rateText(filter)}`;
}

/** Measured, then theory. */
export function rateText({ rate, theory }: { readonly rate: number; readonly theory: number }): string {
  return `${(rate * 100).toFixed(2)} % (theory ${(theory * 100).toFixed(2)} %)`;
}

function perText(count: number, by: number): string {
  return by === 0 ? '-' : (count / by).toFixed(1);
}

function damageText({ damaged }: TableReport): string {
  if (damaged.length === 0) return '';
  const rows = damaged.map(({ offset, range, detail }) => [String(offset), rangesText([range]), detail]);
  const columns = [{ title: 'DAMAGED AT', right: true }, { title: 'KEYS' }, { title: 'WHAT' }];
  return `\n${paint('red', renderTable(columns, rows))}`;
}
