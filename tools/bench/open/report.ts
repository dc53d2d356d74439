/** The report of the open bench that a person reads. Pure text. */
import type { Machine } from '../machine.ts';
import { machineText, mebibytes, rate, ratio, table } from '../text.ts';
import type { OpenBenchOptions } from './options.ts';
import type { OpenResult, Phase } from './phases.ts';

/** What a process may take besides the budget: the runtime, code, and what waits to be collected. */
const besideBudgetBytes = 150 * 1024 * 1024;
const longestStallMs = 20;

export function report(options: OpenBenchOptions, machine: Machine, result: OpenResult): string {
  const { keys, valueBytes } = options;
  const { fill, afterClose, afterKill, overwriting } = result;
  return [
    `Opening ${keys} keys of ${valueBytes} B: ${mebibytes(result.userBytes)} of keys and values\n`,
    table(
      ['phase', 'open', 'first answer', 'reads/s', 'memory after', 'most memory'],
      [fill, afterClose, afterKill].map((phase) => phaseRow(phase)),
    ),
    `\nFilled at ${rate(fill.filled?.opsPerSec ?? 0)} keys a second\n`,
    '\nMemory at its most against the budget and 150 MiB\n',
    table(
      ['', 'phase', 'most memory', 'allowed'],
      [
        ...[fill, afterClose, afterKill].map((phase) => memoryRow(phase.name, phase.memory, options.budgetBytes)),
        memoryRow('overwriting', overwriting.memory, overwriting.budgetBytes),
      ],
    ),
    '\nOverwriting at random, data ten times the budget\n',
    table(['what', 'value'], overwriteRows(result)),
    `\n${machineText(machine, `Torc on ${machine.runtime}`)}`,
  ].join('');
}

function phaseRow({ name, opened, read, rssBytes, memory }: Phase): readonly string[] {
  const fresh = name === 'fill';
  return [
    name,
    `${opened.openMs.toFixed(0)} ms`,
    fresh ? '-' : `${opened.firstGetMs.toFixed(0)} ms`,
    read === undefined ? '-' : rate(read.opsPerSec),
    mebibytes(rssBytes),
    mebibytes(memory.peakRssBytes),
  ];
}

function memoryRow(name: string, memory: Phase['memory'], budgetBytes: number): readonly string[] {
  const allowed = budgetBytes + besideBudgetBytes;
  const met = memory.peakRssBytes <= allowed;
  return [met ? 'met' : 'MISSED', name, mebibytes(memory.peakRssBytes), mebibytes(allowed)];
}

function overwriteRows({ overwriting, userBytes }: OpenResult): readonly (readonly string[])[] {
  const { measured, memory, writtenBytes, settledDiskBytes } = overwriting;
  const own = overwriting.storeWrittenBytes;
  const stallMs = measured.stallMs ?? 0;
  return [
    ['overwrites a second', rate(measured.opsPerSec)],
    ['bytes written for each byte put', ratio(writtenBytes / overwriting.userBytes)],
    ['the same by the store’s own count', own === undefined ? '-' : ratio(own / overwriting.userBytes)],
    ['disk for each byte of data, settled', ratio(settledDiskBytes / userBytes)],
    ['disk for each byte of data, at its worst', ratio(memory.seenDiskBytes / userBytes)],
    [
      'longest stall of the event loop',
      `${stallMs.toFixed(1)} ms (${stallMs <= longestStallMs ? 'met' : 'MISSED'}: 20 ms)`,
    ],
  ];
}
