/** What the reporter writes and the gate reads: one JSON object a line. */
import { emptyTally, sum, type Tally } from './tally.ts';

export type TestLine =
  | { readonly kind: 'pass'; readonly name: string; readonly file: string }
  | { readonly kind: 'skip'; readonly name: string; readonly file: string; readonly reason: string }
  | { readonly kind: 'fail'; readonly name: string; readonly file: string; readonly error: string };

export interface TestReport {
  readonly tally: Tally;
  /** Every failing test with its error, ready to print. */
  readonly failures: string;
}

export function readTestLines(text: string): TestReport {
  let tally = emptyTally;
  const failures: string[] = [];
  for (const row of text.split('\n')) {
    if (row === '') continue;
    const line = JSON.parse(row) as TestLine;
    tally = sum(tally, tallyOf(line));
    if (line.kind === 'fail') failures.push(`FAIL ${line.file}: ${line.name}\n${indent(line.error)}`);
  }
  return { tally, failures: failures.join('\n') };
}

function tallyOf(line: TestLine): Tally {
  switch (line.kind) {
    case 'pass':
      return { passed: 1, failed: 0, skipped: [] };
    case 'fail':
      return { passed: 0, failed: 1, skipped: [] };
    case 'skip':
      return { passed: 0, failed: 0, skipped: [`${line.file}: ${line.name} (${line.reason})`] };
  }
}

function indent(text: string): string {
  return text === '' ? '' : `${text.replaceAll(/^/gm, '    ')}\n`;
}
