/** The gate's own logic: what is selected, what waits for what, what is counted, and what the last line says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { schedule } from './schedule.ts';
import { select, type Step } from './step.ts';
import { emptyTally, sum, summaryLine } from './tally.ts';
import { readTestLines } from './test-lines.ts';

function step(name: string, needs: readonly string[] = [], ok = true, log: string[] = []): Step {
  const run = async (): Promise<{ ok: boolean; output: string }> => {
    log.push(`+${name}`);
    await Promise.resolve();
    log.push(`-${name}`);
    return { ok, output: '' };
  };
  return { name, about: '', needs, run };
}

const names = (steps: readonly Step[]): readonly string[] => steps.map(({ name }) => name);
const options = { lanes: 2, nowMs: () => 0, onFinished: () => undefined };

describe('select', () => {
  const all = [step('build'), step('lint'), step('tests:pure'), step('tests:shell', ['build'])];

  it('takes a family, and what it needs, in the order of the gate', () => {
    assert.deepEqual(names(select(all, ['tests'])), ['build', 'tests:pure', 'tests:shell']);
  });

  it('refuses a name that selects nothing', () => {
    assert.throws(() => select(all, ['test']), /no step "test"/);
  });
});

describe('schedule', () => {
  it('runs no more steps at a time than it has lanes', async () => {
    const log: string[] = [];
    await schedule([step('a', [], true, log), step('b', [], true, log), step('c', [], true, log)], options);
    let active = 0;
    let most = 0;
    for (const entry of log) {
      active += entry.startsWith('+') ? 1 : -1;
      most = Math.max(most, active);
    }
    assert.equal(most, 2);
  });

  it('starts a step only behind what it needs', async () => {
    const log: string[] = [];
    await schedule([step('late', ['early'], true, log), step('early', [], true, log)], options);
    assert.deepEqual(log, ['+early', '-early', '+late', '-late']);
  });

  it('does not run a step whose need failed, and fails it', async () => {
    const log: string[] = [];
    const done = await schedule([step('a', [], false, log), step('b', ['a'], true, log)], options);
    assert.deepEqual(log, ['+a', '-a']);
    assert.match(done[1]?.result.output ?? '', /not run: a failed/);
  });

  it('a step that throws is a failed step', async () => {
    const broken: Step = { ...step('a'), run: () => Promise.reject(new Error('out of paper')) };
    const [done] = await schedule([broken], options);
    assert.equal(done?.result.ok, false);
    assert.match(done.result.output, /out of paper/);
  });

  it('refuses a circle', async () => {
    await assert.rejects(schedule([step('a', ['b']), step('b', ['a'])], options), /circle/);
  });
});

describe('summary line', () => {
  it('has a fixed form', () => {
    assert.equal(summaryLine({ passed: 123, failed: 0, skipped: [] }), 'torc: 123 passed, 0 failed');
    assert.equal(summaryLine({ passed: 1, failed: 2, skipped: ['a', 'b'] }), 'torc: 1 passed, 2 failed, 2 skipped');
  });

  it('adds up', () => {
    const one = { passed: 1, failed: 2, skipped: ['a'] };
    assert.deepEqual([one, one].reduce(sum, emptyTally), { passed: 2, failed: 4, skipped: ['a', 'a'] });
  });
});

describe('test lines', () => {
  it('are counted, with failures told in full and skips named', () => {
    const lines = [
      { kind: 'pass', name: 'a', file: 'x.test.ts' },
      { kind: 'fail', name: 'b', file: 'x.test.ts', error: 'Error: no\n  at x' },
      { kind: 'skip', name: 'c', file: 'x.test.ts', reason: 'no redis' },
    ];
    const report = readTestLines(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    assert.deepEqual(report.tally, { passed: 1, failed: 1, skipped: ['x.test.ts: c (no redis)'] });
    assert.equal(report.failures, 'FAIL x.test.ts: b\n    Error: no\n      at x\n');
  });
});
