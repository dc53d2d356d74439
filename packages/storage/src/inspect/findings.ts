/** What a check of a directory found, in words for whoever has to decide what to do. */

export type Severity = 'error' | 'warning' | 'note';

export interface Finding {
  readonly severity: Severity;
  readonly path: string;
  /** Where in the file; absent when all of it is meant. */
  readonly offset?: number;
  /** What is there. */
  readonly detail: string;
  readonly means: string;
  readonly next: string;
}

/** What a finding means and what to do, by its kind: the same words wherever it turns up. */
interface Advice {
  readonly severity: Severity;
  readonly means: string;
  readonly next: string;
}

export type Advised =
  | 'manifestDamaged'
  | 'manifestMissing'
  | 'tableMissing'
  | 'tableClosed'
  | 'blockDamaged'
  | 'unreadable'
  | 'metaDiffers'
  | 'runsOverlap'
  | 'uselessRange'
  | 'metaWrong'
  | 'markedDamaged'
  | 'logDamaged'
  | 'entryMalformed'
  | 'tornTail'
  | 'notClosed'
  | 'orphan'
  | 'keptAside'
  | 'unknownFile'
  | 'oldFormat'
  | 'empty';

const COPY_FIRST = 'Copy the directory. Use a good copy if there is one; else `torc start --salvage`';

const ADVICE: Readonly<Record<Advised, Advice>> = {
  manifestDamaged: {
    severity: 'error',
    means: 'Which tables live is not known for sure: a start refuses',
    next: `${COPY_FIRST}, which goes back to what still checks out and says what it gave up.`,
  },
  manifestMissing: {
    severity: 'error',
    means: 'Nothing says which tables count: a start refuses',
    next: 'Look for the manifest in the copy that this one was made from; a copy needs every file.',
  },
  tableMissing: {
    severity: 'error',
    means: 'The manifest names a table that is not there: a start refuses, and its data are gone',
    next: 'Look for the file in the copy that this one was made from; a copy needs every file.',
  },
  tableClosed: {
    severity: 'error',
    means: 'None of the table can be read: a start refuses',
    next: 'Copy the directory. Put back this file from a good copy: tables never change, so any copy of it serves.',
  },
  blockDamaged: {
    severity: 'error',
    means: 'Reads of these keys answer "damaged", never "absent" and never a wrong value',
    next: 'Stop the node and put back this file from a good copy: tables never change, so any copy of it serves.',
  },
  unreadable: {
    severity: 'error',
    means: 'The disk does not give these bytes: they may be sound, or not',
    next: 'Look at the disk and the rights of the file, then check again.',
  },
  metaDiffers: {
    severity: 'error',
    means: 'The file under this name is not the table that the manifest means',
    next: 'Put back the right file from a good copy. Do not start a node on this directory.',
  },
  runsOverlap: {
    severity: 'error',
    means: 'Tables of one run hold the same keys: reads may miss versions',
    next: 'Copy the directory and report a bug: no sound manifest says this.',
  },
  uselessRange: {
    severity: 'warning',
    means: 'A hole or a mark of damage has nothing to do with its table: harmless, and never written by a sound node',
    next: 'Keep a copy of the manifest and report a bug.',
  },
  metaWrong: {
    severity: 'warning',
    means:
      'What the table says of itself is not what it holds: all its data are sound, plans of compactions may be poor',
    next: 'Nothing to mend. Keep a copy of the file and report a bug.',
  },
  markedDamaged: {
    severity: 'warning',
    means: 'A scrub or a read found damage here before: reads of these keys answer "damaged"',
    next: 'Put back the file from a good copy, or write the keys again.',
  },
  logDamaged: {
    severity: 'error',
    means: 'Acknowledged writes are damaged or missing: a start refuses',
    next: `${COPY_FIRST}, which opens what checks out and says what it gave up.`,
  },
  entryMalformed: {
    severity: 'error',
    means: 'An entry was written wrong, under a sound checksum: a start refuses, or reads of its key fail',
    next: 'Copy the directory and report a bug.',
  },
  tornTail: {
    severity: 'note',
    means: 'What a crash left of writes that nobody was promised',
    next: 'Nothing: the next start cuts it.',
  },
  notClosed: {
    severity: 'note',
    means: 'The node was not stopped cleanly, or is running: nothing is lost by that',
    next: 'Nothing: the next start recovers by itself.',
  },
  orphan: {
    severity: 'note',
    means: 'Nothing names it any more, or yet: a crash leaves such files',
    next: 'Nothing: the next start removes it.',
  },
  keptAside: {
    severity: 'note',
    means: 'A salvage kept it aside; it is never read again',
    next: 'Remove it when what was given up has been dealt with.',
  },
  unknownFile: {
    severity: 'note',
    means: 'Not a file of Torc: it is never read, and never removed',
    next: 'Nothing.',
  },
  oldFormat: {
    severity: 'note',
    means: 'A directory from before there were tables: a memory image and a log',
    next: 'Nothing: the next start turns it into tables.',
  },
  empty: {
    severity: 'note',
    means: 'There are no data: a start makes a new directory of it',
    next: 'If data should be here, look for the right directory.',
  },
};

export interface Place {
  readonly path: string;
  readonly offset?: number;
}

/** Gathers findings. */
export class Findings {
  readonly all: Finding[] = [];

  add(kind: Advised, { path, offset }: Place, detail: string): void {
    this.all.push({ ...ADVICE[kind], path, ...(offset === undefined ? {} : { offset }), detail });
  }

  has(severity: Severity, path: string): boolean {
    return this.all.some((finding) => finding.severity === severity && finding.path === path);
  }

  of(severity: Severity): Finding[] {
    return this.all.filter((finding) => finding.severity === severity);
  }
}
