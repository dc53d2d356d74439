/** A manifest for people: what it comes to, and its edits one by one. */
import type { ManifestContents, VersionEdit } from '@torc/storage/manifest/edit';
import type { ManifestReport } from '@torc/storage/inspect/manifest-report';
import { STATE_ACTOR, STATE_BOOT, STATE_STAMP_CEILING, STATE_WALL_MS } from '@torc/storage/state-names';
import { countText, renderTable, sizeText } from '../table.ts';
import { paint } from '../terminal.ts';

const STATE_TEXTS: ReadonlyMap<number, string> = new Map([
  [STATE_STAMP_CEILING, 'stamp ceiling'],
  [STATE_BOOT, 'boot'],
  [STATE_ACTOR, 'actor'],
  [STATE_WALL_MS, 'wall clock'],
]);

export function manifestText(report: ManifestReport): string {
  const { reading } = report;
  if (reading === undefined) return manifestHead(report);
  const columns = [
    { title: 'FRAME', right: true },
    { title: 'AT', right: true },
    { title: 'SIZE', right: true },
    { title: 'SYNCED TO', right: true },
    { title: 'CHANGES' },
  ];
  const rows = reading.entries.map(({ frame, offset, sizeBytes, syncedBytes, edit }) => {
    return [String(frame), String(offset), sizeText(sizeBytes), String(syncedBytes), editText(edit)];
  });
  return `${manifestHead(report)}\n${renderTable(columns, rows)}`;
}

export function manifestHead({ path, problem, reading, contents, misfit }: ManifestReport): string {
  if (reading === undefined) return `${path}  ${paint('red', problem ?? 'it cannot be read')}\n`;
  const edits = countText(Math.max(0, reading.entries.length - 1), 'edit');
  const ends = { closed: 'closed cleanly', whole: 'not closed', torn: 'torn tail', damaged: paint('red', 'damaged') };
  const lines = [`${path}  ${sizeText(reading.fileBytes)}, a snapshot and ${edits}, ${ends[reading.end]}`];
  for (const wrong of [reading.damage?.message, misfit]) if (wrong !== undefined) lines.push(paint('red', wrong));
  if (contents !== undefined) lines.push(...contentsLines(contents));
  return lines.map((line) => `${line}\n`).join('');
}

function contentsLines({ tables, logFloor, nextTable, state, counts }: ManifestContents): string[] {
  const numbers = [...state].map(
    ([name, value]) => `${STATE_TEXTS.get(name) ?? `number ${name}`} ${stateText(name, value)}`,
  );
  const values = [...counts].map(([bucket, count]) => `${count} in bucket ${bucket}`);
  return [
    `${countText(tables.size, 'table')}, next ${nextTable}; log from segment ${logFloor} on`,
    `numbers as of there: ${numbers.length === 0 ? 'none' : numbers.join(', ')}`,
    `values as of there: ${values.length === 0 ? 'none' : values.join(', ')}`,
  ];
}

function stateText(name: number, value: number): string {
  return name === STATE_WALL_MS && Math.abs(value) < 8.64e15 ? new Date(value).toISOString() : String(value);
}

function editText(edit: VersionEdit): string {
  const { put = [], removed = [], logFloor, nextTable, state, counts, countChanges } = edit;
  const parts: string[] = [];
  for (const { meta, rank, holes, damaged } of put) {
    const facts = [`run ${rank}`];
    if (holes.length > 0) facts.push(countText(holes.length, 'hole'));
    if (damaged.length > 0) facts.push(`${damaged.length} damaged`);
    parts.push(`+${meta.number} (${facts.join(', ')})`);
  }
  for (const number of removed) parts.push(`-${number}`);
  if (logFloor !== undefined) parts.push(`log from ${logFloor}`);
  if (nextTable !== undefined) parts.push(`next ${nextTable}`);
  if (state !== undefined) parts.push(countText(state.size, 'number'));
  if (counts !== undefined) parts.push('counts');
  if (countChanges !== undefined) parts.push('count changes');
  return parts.join(' ');
}
