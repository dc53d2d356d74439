/** A segment of the log for people. */
import type { LogReport } from '@torc/storage/inspect/log-report';
import { renderTable, sizeText } from '../table.ts';
import { paint } from '../terminal.ts';
import { entriesText } from './shown.ts';

const ENDS: Readonly<Record<LogReport['end'], string>> = {
  closed: 'closed cleanly',
  whole: 'whole, not closed',
  torn: 'torn tail',
  followed: 'followed on',
  damaged: 'damaged',
};

const COLUMNS = [
  { title: 'SEGMENT', right: true },
  { title: 'SIZE', right: true },
  { title: 'BATCHES' },
  { title: 'FRAMES', right: true },
  { title: 'WHOLE', right: true },
  { title: 'PARTS', right: true },
  { title: 'NUMBERS', right: true },
  { title: 'SOUND TO', right: true },
  { title: 'SYNCED TO', right: true },
  { title: 'END' },
];

export function logsText(logs: readonly LogReport[]): string {
  return renderTable(COLUMNS, logs.map(logRow));
}

export function logText(log: LogReport): string {
  const malformed = log.malformed.map(
    ({ offset, detail }) => `${paint('red', 'malformed')} at byte ${offset}: ${detail}\n`,
  );
  return logsText([log]) + malformed.join('') + entriesText(log.entries);
}

function logRow(log: LogReport): string[] {
  const { number, fileBytes, firstBatch, nextBatch, frames, whole, parts, states, endBytes, syncedBytes } = log;
  const size = sizeText(fileBytes);
  if (log.problem !== undefined) return [String(number), size, '-', '-', '-', '-', '-', '-', '-', log.problem];
  const batches = nextBatch === firstBatch ? 'none' : `${firstBatch} to ${nextBatch - 1}`;
  const counts = [frames, whole, parts, states, endBytes, syncedBytes].map(String);
  return [String(number), size, batches, ...counts, ENDS[log.end]];
}
