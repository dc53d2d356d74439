/**
 * The steps of the gate, in the order in which they are tried. Slow ones stand first where nothing holds them back,
 * so that two lanes end at about the same time.
 */
import { join } from 'node:path';
import { binFolder } from '../root.ts';
import { layers } from '../layers/table.ts';
import { runCommand } from './command.ts';
import { runTests, type TestGroup } from './test-run.ts';
import { runSmoke } from '../smoke/step.ts';
import { filesUnder, packageNames } from '../source/files.ts';
import type { Step, StepResult } from './step.ts';

const stepLimitMs = 300_000;

export const steps: readonly Step[] = [
  command('build', 'tsc -b: types of the sources, and dist', 'tsc', ['-b', '--pretty', 'false']),
  command('format', 'biome format', 'biome', ['format', '--colors=off', '.']),
  command('lint', 'oxlint with type-aware rules', 'oxlint', ['--type-aware', '--deny-warnings']),
  { name: 'tests:pure', about: 'packages without I/O, and the tools', needs: [], run: () => runTests(pureTests()) },
  { name: 'tests:shell', about: 'server, cli, package', needs: ['build'], run: () => runTests(shellTests()) },
  script('corpus', 'every simulated run that ever failed, again', 'tools/corpus.ts'),
  script('crash', 'crash enumeration and bit flips', 'tools/crash.ts'),
  script('bugs', 'planted bugs are caught', 'tools/bugs.ts'),
  { name: 'types', about: 'types of tests and tools', needs: [], run: checkTypes },
  script('tidy', 'house rules and layers', 'tools/tidy/main.ts'),
  command('knip', 'unused files, exports, dependencies', 'knip', [
    '--include-entry-exports',
    '--no-progress',
    '--no-config-hints',
  ]),
  { name: 'smoke', about: "built output on the machine's own Node", needs: ['build'], run: runSmoke },
];

function command(name: string, about: string, file: string, args: readonly string[]): Step {
  return { name, about, needs: [], run: () => execute(file, args) };
}

function script(name: string, about: string, file: string): Step {
  return command(name, about, 'node', ['--conditions=torc-src', file]);
}

async function execute(file: string, args: readonly string[]): Promise<StepResult> {
  const { code, output } = await runCommand(join(binFolder, file), args, { timeoutMs: stepLimitMs });
  return { ok: code === 0, output };
}

async function checkTypes(): Promise<StepResult> {
  const tested = packageNames().filter((name) => filesUnder(`packages/${name}/test`, '.ts').length > 0);
  const projects = [...tested.map((name) => `packages/${name}/test/tsconfig.json`), 'tools/tsconfig.json'];
  let output = '';
  let ok = true;
  for (const project of projects) {
    const done = await execute('tsc', ['-p', project, '--pretty', 'false']);
    ok &&= done.ok;
    output += done.output;
  }
  return { ok, output };
}

function pureTests(): TestGroup {
  const files = [...testFilesOf((name) => inOneProcess(name)), ...filesUnder('tools', '.test.ts')];
  return { isolation: 'none', files, timeoutMs: stepLimitMs };
}

function shellTests(): TestGroup {
  return { isolation: 'process', files: testFilesOf((name) => !inOneProcess(name)), timeoutMs: stepLimitMs };
}

/** The simulator is not of the pure house, yet its tests are: they touch nothing outside either. */
function inOneProcess(name: string): boolean {
  return name === 'sim' || layers.some((layer) => layer.name === name && layer.pure);
}

function testFilesOf(wanted: (name: string) => boolean): readonly string[] {
  const names = packageNames().filter((name) => wanted(name));
  return names.flatMap((name) => filesUnder(`packages/${name}/test`, '.test.ts'));
}
