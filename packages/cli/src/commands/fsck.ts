/** `torc fsck`: checks everything in a data directory, and writes nothing. */
import process from 'node:process';
import { NativeCompressor } from '@torc/server/compressor-native';
import { liveHolder } from '@torc/server/lock-holder';
import type { Finding } from '@torc/storage/inspect/findings';
import { fsckDirectory, type FsckReport } from '@torc/storage/inspect/fsck';
import { Command } from 'commander';
import { DAMAGED, lookAt, NOT_LOOKED_AT, printJson, SOUND } from '../offline.ts';
import type { ReadOnlyDisk } from '../read-only-disk.ts';
import { countText, sizeText } from '../table.ts';
import { makeProgress, paint, type Colour } from '../terminal.ts';

interface FsckFlags {
  readonly json: boolean;
  readonly progress: boolean;
  readonly force: boolean;
}

export function fsckCommand(): Command {
  return new Command('fsck')
    .description('Check everything in a data directory, down to each record. Nothing is written.')
    .argument('<directory>', 'data directory of a stopped node, or a copy of one')
    .option('--json', 'print the report as JSON', false)
    .option('--no-progress', 'no line on standard error that says how far it has come')
    .option(
      '--force',
      'check although a node uses the directory: what it changes meanwhile may look like damage',
      false,
    )
    .addHelpText('after', '\nExit codes: 0 no errors, 1 errors, 2 nothing was checked.')
    .action((directory: string, flags: FsckFlags) => lookAt(directory, (disk) => fsck(directory, disk, flags)));
}

function fsck(directory: string, disk: ReadOnlyDisk, flags: FsckFlags): number {
  const holder = liveHolder(directory);
  if (holder !== undefined && !flags.force) {
    process.stderr.write(`torc: ${directory} is in use by process ${holder}: stop the node first, or use --force\n`);
    return NOT_LOOKED_AT;
  }
  const progress = makeProgress(flags.progress);
  const report = fsckDirectory(disk, new NativeCompressor(), (done, total) => progress.show(done, total));
  progress.end();
  if (flags.json) printJson({ directory, inUseBy: holder ?? null, ...report });
  else process.stdout.write(fsckText(directory, report));
  return report.errors.length === 0 ? SOUND : DAMAGED;
}

function fsckText(directory: string, { errors, warnings, notes, checked }: FsckReport): string {
  const all = [...errors, ...warnings, ...notes];
  const counts = [
    countText(checked.tables, 'table'),
    countText(checked.blocks, 'block'),
    countText(checked.entries, 'entry').replace(/entrys$/, 'entries'),
    countText(checked.segments, 'log segment'),
    countText(checked.batches, 'batch').replace(/batchs$/, 'batches'),
    sizeText(checked.bytes),
  ];
  const verdict = `${countText(errors.length, 'error')}, ${countText(warnings.length, 'warning')}, ${countText(notes.length, 'note')}`;
  const found = all.map((finding) => `${findingText(finding)}\n`).join('');
  const isSound = errors.length === 0;
  return `${directory}: ${counts.join(', ')}\n\n${found}${paint(isSound ? 'green' : 'red', verdict)}\n`;
}

const COLOURS: Readonly<Record<Finding['severity'], Colour>> = { error: 'red', warning: 'yellow', note: 'bold' };
const INDENT = '         ';

function findingText({ severity, path, offset, detail, means, next }: Finding): string {
  const where = `${path === '' ? 'the directory' : path}${offset === undefined ? '' : ` at byte ${offset}`}`;
  const head = `${paint(COLOURS[severity], severity.padEnd(INDENT.length - 1))} ${where}`;
  return [head, `${INDENT}${detail}.`, `${INDENT}${means}.`, `${INDENT}Next: ${next}`]
    .map((line) => `${line}\n`)
    .join('');
}
