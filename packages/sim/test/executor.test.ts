/** The simulated executor beyond its port: jobs that wait for virtual time, and what a crash makes of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskError, ExecutorError } from '@torc/base/errors';
import type { Job } from '@torc/base/ports/executor';
import { SimClock } from '../src/clock.ts';
import { Crash } from '../src/crash.ts';
import { SimDisk } from '../src/disk/disk.ts';
import { SimExecutor } from '../src/executor.ts';
import { SimRandom } from '../src/random.ts';
import { Scheduler, Stuck } from '../src/scheduler.ts';

const NOTHING = new Uint8Array(0);

interface World {
  readonly clock: SimClock;
  readonly disk: SimDisk;
  readonly executor: SimExecutor;
  readonly steps: string[];
}

/** An executor with one job, `walk`: it does five steps, by virtual time, and notes each. */
function makeWorld(seed: number, more: (disk: SimDisk) => Readonly<Record<string, Job>> = () => ({})): World {
  const clock = new SimClock(new Scheduler());
  const random = new SimRandom(seed);
  const disk = new SimDisk({ clock, random: random.fork('disk') });
  const steps: string[] = [];
  const walk: Job = async (input) => {
    for (let step = 0; step < 5; step++) {
      await new Promise<void>((resolve) => void clock.setTimer(1 + random.fraction() * 5, resolve));
      steps.push(`${input[0]}.${step}`);
    }
    return NOTHING;
  };
  const jobs = { walk, ...more(disk) };
  return { clock, disk, executor: new SimExecutor({ clock, random: random.fork('executor'), jobs }), steps };
}

test('two long jobs run step by step between each other, as the seed says', async () => {
  const orders = new Set<string>();
  for (let seed = 0; seed < 10; seed++) {
    const seen = await Promise.all(
      [0, 1].map(async () => {
        const { clock, executor, steps } = makeWorld(seed);
        const works = [1, 2].map((name) => executor.run('walk', Uint8Array.of(name)));
        await clock.scheduler.settle(Promise.all(works));
        return steps.join(' ');
      }),
    );
    assert.equal(seen[0], seen[1]);
    assert.equal(seen[0]?.split(' ').length, 10);
    orders.add(seen[0] ?? '');
  }
  assert.ok(orders.size > 5, `${orders.size} different orders`);
  assert.ok(
    [...orders].every((order) => !order.startsWith('1.0 1.1 1.2 1.3 1.4') && !order.startsWith('2.0 2.1 2.2 2.3 2.4')),
  );
});

test('close comes back when the longest job has ended', async () => {
  const { clock, executor, steps } = makeWorld(1);
  for (const name of [1, 2, 3]) void executor.run('walk', Uint8Array.of(name));
  await clock.scheduler.runFor(6);
  assert.ok(steps.length > 0 && steps.length < 15);
  await clock.scheduler.settle(executor.close());
  assert.equal(steps.length, 15);
});

test('a killed clock stops a job where it stands', async () => {
  const { clock, executor, steps } = makeWorld(1);
  const work = executor.run('walk', Uint8Array.of(1));
  await clock.scheduler.runUntil(() => steps.length === 2);
  clock.kill();
  await assert.rejects(clock.scheduler.settle(work), Stuck);
  assert.deepEqual(steps, ['1.0', '1.1']);
});

test('an error of the disk inside a job arrives as a new one; a crash inside a job is no error of the job', async () => {
  let thrown: unknown;
  const { clock, disk, executor } = makeWorld(1, (jobDisk) => ({
    open: () => {
      try {
        jobDisk.open('no/file');
      } catch (error: unknown) {
        thrown = error;
        throw error;
      }
      return NOTHING;
    },
    create: () => {
      jobDisk.create('a');
      return NOTHING;
    },
  }));
  await assert.rejects(clock.scheduler.settle(executor.run('open', NOTHING)), (error: unknown) => {
    return error instanceof DiskError && error !== thrown && error.code === 'missing' && error.path === 'no/file';
  });
  disk.armCrash({ operation: disk.operations + 1, moment: 'after' });
  await assert.rejects(clock.scheduler.settle(executor.run('create', NOTHING)), (error: unknown) => {
    return error instanceof Crash && !(error instanceof ExecutorError);
  });
});
