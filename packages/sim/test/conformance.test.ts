/** The simulated ports pass the suites that the real ones pass, the disk also when it is at its worst. */
import { test } from 'node:test';
import { CLOCK_CASES, type ClockBench } from '@torc/base/conformance/clock';
import { COMPRESSOR_CASES } from '@torc/base/conformance/compressor';
import { DISK_CASES } from '@torc/base/conformance/disk';
import type { DiskBench } from '@torc/base/conformance/disk-bench';
import { EXECUTOR_CASES } from '@torc/base/conformance/executor';
import { createJobs } from '@torc/base/conformance/executor-jobs';
import { PROBE_CASES } from '@torc/base/conformance/probe';
import { RANDOM_CASES } from '@torc/base/conformance/random';
import type { Case } from '@torc/base/conformance/suite';
import { SILENT_PROBE } from '@torc/base/ports/probe';
import { SimClock } from '../src/clock.ts';
import { SimCompressor } from '../src/compressor.ts';
import { SimDisk, type SimDiskOptions } from '../src/disk/disk.ts';
import { SimExecutor } from '../src/executor.ts';
import { SimProbe } from '../src/probe.ts';
import { SimRandom } from '../src/random.ts';
import { Scheduler } from '../src/scheduler.ts';

function suite<Bench>(name: string, cases: readonly Case<Bench>[], make: () => Promise<Bench>): void {
  for (const each of cases) test(`${name}: ${each.name}`, () => each.run(make));
}

const close = async (): Promise<void> => {};

suite('random', RANDOM_CASES, async () => ({ random: new SimRandom(7), close }));
suite('compressor', COMPRESSOR_CASES, async () => ({ compressor: new SimCompressor(), close }));
suite('clock', CLOCK_CASES, async () => clockBench());

suite('silent probe', PROBE_CASES, async () => ({ probe: SILENT_PROBE, planted: [], production: true, close }));
suite('probe', PROBE_CASES, async () => {
  const planted = ['ack-before-sync', 'tail-not-rewritten'] as const;
  const probe = new SimProbe({ random: new SimRandom(1), cruelty: 0.5, planted });
  return { probe, planted, production: false, close };
});

suite('executor', EXECUTOR_CASES, async () => {
  const clock = new SimClock(new Scheduler());
  const random = new SimRandom(3);
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      clock.setTimer(random.fraction() * 3, resolve);
    });
  const executor = new SimExecutor({ clock, random, jobs: createJobs({ pause }) });
  return { executor, settle: (work) => clock.scheduler.settle(work), close };
});

suite('disk', DISK_CASES, async () => diskBench({}));
suite('disk with short writes', DISK_CASES, async () => diskBench({ faults: { shortWrites: 1 } }));
suite('slow disk that writes back by itself', DISK_CASES, async () =>
  diskBench({ faults: { writeBack: 0.5, shortWrites: 0.3, nowMs: 0.1, laterMs: [0, 50] } }),
);
suite('disk restored from an image', DISK_CASES, async () => {
  const old = diskBench({});
  return diskBench({ image: (old.disk as SimDisk).snapshot() });
});

function diskBench(options: SimDiskOptions): DiskBench {
  const clock = new SimClock(new Scheduler());
  const disk = new SimDisk({ clock, random: new SimRandom(5) }, options);
  return { disk, settle: (work) => clock.scheduler.settle(work), close };
}

function clockBench(): ClockBench {
  const scheduler = new Scheduler();
  const clock = new SimClock(scheduler);
  return {
    clock,
    advance: (ms) => scheduler.runFor(ms),
    block: (ms) => clock.block(ms),
    async escaped(ms) {
      try {
        await scheduler.runFor(ms);
      } catch (error: unknown) {
        return error;
      }
      return undefined;
    },
    close,
  };
}
