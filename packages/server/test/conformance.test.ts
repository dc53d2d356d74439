/** The real ports pass the suites that the simulated ones pass. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOCK_CASES, type ClockBench } from '@torc/base/conformance/clock';
import { COMPRESSOR_CASES } from '@torc/base/conformance/compressor';
import { DISK_CASES } from '@torc/base/conformance/disk';
import { EXECUTOR_CASES } from '@torc/base/conformance/executor';
import { RANDOM_CASES } from '@torc/base/conformance/random';
import type { Case } from '@torc/base/conformance/suite';
import { SystemClock } from '../src/clock-system.ts';
import { NativeCompressor } from '../src/compressor-native.ts';
import { FsDisk } from '../src/disk-fs.ts';
import { WorkerExecutor } from '../src/executor-worker.ts';
import { SystemRandom } from '../src/random-system.ts';

function suite<Bench>(name: string, cases: readonly Case<Bench>[], make: () => Promise<Bench>): void {
  for (const each of cases) test(`${name}: ${each.name}`, () => each.run(make));
}

const close = async (): Promise<void> => {};
const settle = <T>(work: Promise<T>): Promise<T> => work;

suite('random', RANDOM_CASES, async () => ({ random: new SystemRandom(), close }));
suite('compressor', COMPRESSOR_CASES, async () => ({ compressor: new NativeCompressor(), close }));
suite('compressor in plain code', COMPRESSOR_CASES, async () => ({
  compressor: new NativeCompressor({ plain: true }),
  close,
}));
suite('clock', CLOCK_CASES, async () => clockBench());

for (const threads of [1, 2]) {
  suite(`executor of ${threads}`, EXECUTOR_CASES, async () => {
    const module = new URL('./fixtures/executor-conformance-jobs.ts', import.meta.url).href;
    const executor = new WorkerExecutor({ module, threads });
    return { executor, settle, close: () => executor.close() };
  });
}

suite('disk', DISK_CASES, async () => {
  const root = mkdtempSync(join(tmpdir(), 'torc-disk-'));
  return { disk: new FsDisk(root), settle, close: async () => rmSync(root, { recursive: true }) };
});

function clockBench(): ClockBench {
  const clock = new SystemClock();
  const advance = async (ms: number): Promise<void> => {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs) await sleep(1);
    // One more turn, for what came due at the very end.
    await sleep(1);
  };
  return {
    clock,
    advance,
    block(ms) {
      const endMs = performance.now() + ms;
      while (performance.now() < endMs);
    },
    async escaped(ms) {
      let escaped: unknown;
      process.setUncaughtExceptionCaptureCallback((error) => {
        escaped = error;
      });
      await advance(ms);
      process.setUncaughtExceptionCaptureCallback(null);
      return escaped;
    },
    async close() {
      clock.close();
    },
  };
}
