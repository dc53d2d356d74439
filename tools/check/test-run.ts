/**
 * Runs a group of test files under `node --test` and counts what happened.
 *
 * A group of pure packages shares one process: a process a file costs 170 ms, and pure tests cannot disturb each other.
 * A run that ends badly without naming a failing test (a crash, a file that cannot be loaded) fails all the same, and
 * so does one in which nothing ran.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { binFolder } from '../root.ts';
import { runCommand } from './command.ts';
import { readTestLines } from './test-lines.ts';
import type { StepResult } from './step.ts';

export interface TestGroup {
  readonly isolation: 'none' | 'process';
  readonly files: readonly string[];
  readonly timeoutMs: number;
}

export async function runTests(group: TestGroup): Promise<StepResult> {
  if (group.files.length === 0) return failed('there are no test files in this group\n');
  const folder = await mkdtemp(join(tmpdir(), 'torc-tests-'));
  try {
    const lines = join(folder, 'lines');
    const done = await runCommand(join(binFolder, 'node'), argumentsFor(group, lines), { timeoutMs: group.timeoutMs });
    const report = readTestLines(await readFile(lines, 'utf8').catch(() => ''));
    const { tally } = report;
    const output = `${report.failures}${done.output}`;
    if (tally.failed > 0) return { ok: false, output, tally };
    if (done.code !== 0) {
      const why = `no test failed, and the run ended with code ${done.code}:\n`;
      return { ok: false, output: why + output, tally: { ...tally, failed: 1 } };
    }
    if (tally.passed === 0) return { ...failed(`no test ran\n${output}`), tally: { ...tally, failed: 1 } };
    return { ok: true, output, tally };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function argumentsFor(group: TestGroup, lines: string): string[] {
  return [
    '--conditions=torc-src',
    '--test',
    `--test-isolation=${group.isolation}`,
    '--test-reporter=./tools/check/reporter.ts',
    `--test-reporter-destination=${lines}`,
    ...group.files,
  ];
}

function failed(output: string): StepResult {
  return { ok: false, output, tally: { passed: 0, failed: 1, skipped: [] } };
}
