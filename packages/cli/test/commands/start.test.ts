/** `torc start`, the real command line: its help tells every default, and what makes no sense ends with code 2. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { DEFAULT_ENGINE_OPTIONS } from '@torc/storage/options';
import { engineFlags, engineSettings, type EngineFlags } from '../../src/commands/engine-flags.ts';

const checkout = fileURLToPath(new URL('../../../../', import.meta.url));
const MIB = 1024 * 1024;

function start(...args: readonly string[]): {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
} {
  const command = ['--conditions=torc-src', 'packages/cli/src/main.ts', 'start', ...args];
  const ended = spawnSync(process.execPath, command, { cwd: checkout, encoding: 'utf8', timeout: 30_000 });
  return { code: ended.status, out: ended.stdout, err: ended.stderr };
}

function defaults(): EngineFlags {
  const named = engineFlags().map((option) => [option.attributeName(), option.defaultValue as unknown]);
  return Object.fromEntries(named) as EngineFlags;
}

test('the defaults of the flags are those of the engine', () => {
  assert.deepEqual({ ...DEFAULT_ENGINE_OPTIONS, ...engineSettingsOf({}) }, DEFAULT_ENGINE_OPTIONS);
});

function engineSettingsOf(flags: Partial<EngineFlags>): object {
  const settings = engineSettings({ ...defaults(), ...flags });
  assert.ok(typeof settings === 'object', JSON.stringify(settings));
  return settings;
}

test('a memtable that nobody sized has an eighth of a small budget', () => {
  assert.deepEqual(engineSettingsOf({ memory: 80 * MIB }), {
    ...engineSettingsOf({}),
    memoryBytes: 80 * MIB,
    memtableBytes: 10 * MIB,
  });
  assert.match(
    JSON.stringify(engineSettings({ ...defaults(), memory: 80 * MIB, memtable: 27 * MIB })),
    /three memtables of 27mb/,
  );
});

describe('torc start', () => {
  test('--help names every setting with its default', () => {
    const { code, out } = start('--help');
    assert.equal(code, 0);
    const text = out.replaceAll(/\s+/g, ' ');
    const flags = [
      'memory',
      'memtable',
      'log-bytes',
      'block-bytes',
      'filter-bits',
      'codec',
      'bottom-codec',
      'table-bytes',
    ];
    for (const flag of [...flags, 'tier-runs', 'upper-share', 'compaction-rate', 'scrub-rate', 'reserve']) {
      const from = text.indexOf(`--${flag} <`);
      assert.ok(from >= 0, flag);
      assert.match(text.slice(from, text.indexOf(' --', from + 2)), /default: "?[\w.]+"?/, flag);
    }
    assert.match(text, /--memory <size>[^-]*default: 512mb/);
  });

  for (const [args, message] of [
    [['--memory', '1.5gb'], /--memory.*it is a size from 1mb to 1024gb/s],
    [['--memory', '100mb', '--memtable', '50mb'], /less than three memtables of 50mb/],
    [['--codec', 'zstd'], /Allowed choices are none, lz4, deflate/],
    [['--filter-bits', '41'], /from 0 to 40/],
  ] as const) {
    test(`${args.join(' ')} is not understood, and nothing is started`, () => {
      const { code, out, err } = start('--data', '/nowhere/at/all', ...args);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, message);
    });
  }
});
