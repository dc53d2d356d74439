/** What a run's engine stands on and how it is set: tiny sizes, so that a short run flushes and compacts many times. */
import type { Job } from '@torc/base/ports/executor';
import type { EnginePorts } from '@torc/storage/engine-parts';
import { storageJobs } from '@torc/storage/jobs';
import type { EngineOptions } from '@torc/storage/options';
import type { SimClock } from '../clock.ts';
import { SimCompressor } from '../compressor.ts';
import type { SimDisk } from '../disk/disk.ts';
import { type AtWork, JobDisk } from '../disk/job-disk.ts';
import { SimExecutor } from '../executor.ts';
import type { SimProbe } from '../probe.ts';
import type { SimRandom } from '../random.ts';

const KIB = 1024;

/** Drawn, since what one setting hides another shows. Caches thrash: two memtables are nearly all of the budget. */
export function drawEngineOptions(random: SimRandom): EngineOptions {
  return {
    segmentBytes: 4 * KIB,
    aheadBytes: 1 * KIB,
    syncEveryMs: 0,
    reserveBytes: 2 * KIB,
    memoryBytes: random.pick([8, 32, 256]) * KIB,
    memtableBytes: random.pick([2, 4, 8]) * KIB,
    logBytes: random.pick([6, 12]) * KIB,
    blockBytes: 256,
    filterBitsPerKey: random.pick([10, 10, 4, 0]),
    codec: random.pick([0, 1] as const),
    bottomCodec: random.pick([0, 1] as const),
    tableBytes: random.pick([1, 2, 8]) * KIB,
    tierRuns: random.pick([2, 3]),
    upperShare: random.pick([0, 0.25, 0.5, 2]),
    compactionBytesPerSecond: random.pick([0, 1024 * KIB]),
    scrubBytesPerSecond: random.pick([0, 16 * KIB]),
    salvage: false,
  };
}

export interface EngineWorld {
  readonly clock: SimClock;
  readonly disk: SimDisk;
  readonly probe: SimProbe;
  readonly random: SimRandom;
  /** Told of the job whose call runs. */
  readonly atWork?: AtWork;
}

/** Ports with an executor that runs the engine's jobs on the same disk and clock: a crash strikes inside them, too. */
export function enginePorts({ clock, disk, probe, random, atWork = { job: undefined } }: EngineWorld): EnginePorts {
  const compressor = new SimCompressor();
  const plain: Readonly<Record<string, Job>> = storageJobs({ disk, compressor, clock, probe });
  const jobs: Record<string, Job> = {};
  for (const kind of Object.keys(plain)) {
    const watched: Readonly<Record<string, Job>> = storageJobs({
      disk: new JobDisk(disk, kind, atWork),
      compressor,
      clock,
      probe,
    });
    jobs[kind] = watched[kind] as Job;
  }
  const drawn = random.fork('executor');
  const takesMs: readonly [number, number] = drawn.chance(0.2) ? [1, 60] : [0.1, 5];
  const executor = new SimExecutor({ clock, random: drawn, jobs, takesMs });
  return { clock, disk, probe, random, compressor, executor };
}
