/** `torc inspect`: what a data directory, or one file of it, holds. Nothing is written. */
import process from 'node:process';
import { DiskError } from '@torc/base/errors';
import { NativeCompressor } from '@torc/server/compressor-native';
import { liveHolder } from '@torc/server/lock-holder';
import { SystemRandom } from '@torc/server/random-system';
import { logName, manifestName } from '@torc/storage/commit-log/names';
import { inspectDirectory } from '@torc/storage/inspect/directory-report';
import { newestManifest } from '@torc/storage/inspect/files';
import type { InspectPorts } from '@torc/storage/inspect/inspect-ports';
import { inspectLog, type LogReport } from '@torc/storage/inspect/log-report';
import { inspectManifest, type ManifestReport } from '@torc/storage/inspect/manifest-report';
import { inspectTable, type TableReport } from '@torc/storage/inspect/table-report';
import { tableName } from '@torc/storage/sstable/names';
import { Command, InvalidArgumentError, Option } from 'commander';
import { directoryText } from '../inspect-text/directory-text.ts';
import { logText } from '../inspect-text/log-text.ts';
import { manifestText } from '../inspect-text/manifest-text.ts';
import { tableText } from '../inspect-text/table-text.ts';
import { DAMAGED, lookAt, NOT_LOOKED_AT, printJson, SOUND } from '../offline.ts';
import type { ReadOnlyDisk } from '../read-only-disk.ts';

interface InspectFlags {
  readonly table?: number;
  readonly log?: number;
  readonly manifest: boolean;
  readonly entries: number;
  readonly json: boolean;
}

/** Of a whole directory: enough to see how it is, soon. */
const SAMPLE_BLOCKS = 256;
const SAMPLE_PROBES = 10_000;
const TABLE_PROBES = 100_000;

export function inspectCommand(): Command {
  const table = new Option('--table <number>', 'one table: all of its blocks are read');
  const log = new Option('--log <number>', 'one segment of the log');
  const manifest = new Option('--manifest', 'the edits of the manifest').default(false);
  return new Command('inspect')
    .description('Say what a data directory holds: manifest, tables, filters, log. Nothing is written.')
    .argument('<directory>', 'data directory of a stopped node, or a copy of one')
    .addOption(table.argParser(parseNumber).conflicts(['log', 'manifest']))
    .addOption(log.argParser(parseNumber).conflicts(['manifest']))
    .addOption(manifest)
    .addOption(new Option('--entries <count>', 'show so many entries').default(0).argParser(parseNumber))
    .option('--json', 'print the report as JSON', false)
    .addHelpText('after', '\nExit codes: 0 nothing damaged was met, 1 something was, 2 nothing was looked at.')
    .action((directory: string, flags: InspectFlags) => lookAt(directory, (disk) => inspect(directory, disk, flags)));
}

function inspect(directory: string, disk: ReadOnlyDisk, flags: InspectFlags): number {
  const holder = liveHolder(directory);
  if (holder !== undefined) {
    process.stderr.write(
      `torc: ${directory} is in use by process ${holder}: what it changes meanwhile may look like damage\n`,
    );
  }
  const ports = { disk, compressor: new NativeCompressor(), random: new SystemRandom() };
  if (flags.entries > 0 && flags.table === undefined && flags.log === undefined) {
    process.stderr.write('torc: --entries needs --table or --log\n');
    return NOT_LOOKED_AT;
  }
  if (flags.table !== undefined) {
    requireFile(disk, tableName(flags.table));
    return showTable(ports, flags, flags.table);
  }
  if (flags.log !== undefined) {
    requireFile(disk, logName(flags.log));
    const report = inspectLog(disk, flags.log, { entries: flags.entries });
    return show(flags, report, logText, logIsDamaged(report));
  }
  const newest = newestManifest(disk);
  if (flags.manifest) {
    requireFile(disk, manifestName(newest ?? 1));
    const report = inspectManifest(disk, newest ?? 1);
    return show(flags, report, manifestText, manifestIsDamaged(report));
  }
  const report = inspectDirectory(ports, { blocks: SAMPLE_BLOCKS, probes: SAMPLE_PROBES, entries: 0 });
  const isDamaged =
    report.tables.some(tableIsDamaged) ||
    report.logs.some(logIsDamaged) ||
    (report.manifest !== undefined && manifestIsDamaged(report.manifest));
  return show(flags, { directory, ...report }, (shown) => directoryText(directory, shown), isDamaged);
}

/** To ask for what is not there is a wrong call, no damage. */
function requireFile(disk: ReadOnlyDisk, path: string): void {
  if (!disk.list('').includes(path)) throw new DiskError('missing', path, 'there is no such file');
}

function showTable(ports: InspectPorts, flags: InspectFlags, number: number): number {
  const newest = newestManifest(ports.disk);
  const contents = newest === undefined ? undefined : inspectManifest(ports.disk, newest).contents;
  const options = { blocks: Number.POSITIVE_INFINITY, probes: TABLE_PROBES, entries: flags.entries };
  const report = inspectTable(ports, number, options, contents);
  return show(flags, report, (shown) => tableText(shown, contents?.tables.get(number)), tableIsDamaged(report));
}

function show<R>(flags: InspectFlags, report: R, text: (report: R) => string, isDamaged: boolean): number {
  if (flags.json) printJson(report);
  else process.stdout.write(text(report));
  return isDamaged ? DAMAGED : SOUND;
}

function tableIsDamaged({ problem, damaged }: TableReport): boolean {
  return problem !== undefined || damaged.length > 0;
}

function logIsDamaged({ problem, end, malformed }: LogReport): boolean {
  return problem !== undefined || end === 'damaged' || malformed.length > 0;
}

function manifestIsDamaged({ problem, misfit, reading }: ManifestReport): boolean {
  return problem !== undefined || misfit !== undefined || reading?.end === 'damaged';
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 0xffffffff) return value;
  throw new InvalidArgumentError('it is a whole number.');
}
