/** What a scrubber needs of an engine: tables, a manifest, a worker, and a disk to damage. */
import { SimExecutor } from '@torc/sim/executor';
import { SimProbe } from '@torc/sim/probe';
import type { SimRandom } from '@torc/sim/random';
import type { Executor } from '@torc/base/ports/executor';
import { JobControl } from '../../src/background/job-control.ts';
import { Scrubber, type DamageMarker } from '../../src/background/scrubber.ts';
import type { TablesContext } from '../../src/background/tables-context.ts';
import { decodeJob, type ScrubJob } from '../../src/jobs/job-codec.ts';
import { storageJobs } from '../../src/jobs.ts';
import type { KeyRange } from '../../src/manifest/edit.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/options.ts';
import { TableShelf } from '../../src/version/table-shelf.ts';
import { withRange } from '../../src/version/key-ranges.ts';
import { compressor, Directory, entriesOf, placed, type TableShape } from '../inspect/bench.ts';

/** Runs jobs, and notes which tables were asked for. */
class NotingExecutor implements Executor {
  readonly asked: number[] = [];
  readonly #inner: Executor;

  constructor(inner: Executor) {
    this.#inner = inner;
  }

  run(kind: string, input: Uint8Array, shared?: readonly SharedArrayBuffer[]): Promise<Uint8Array> {
    this.asked.push(decodeJob<ScrubJob>(input).table);
    return this.#inner.run(kind, input, shared);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

export class ScrubBench implements DamageMarker {
  readonly directory: Directory = Directory.make();
  readonly shelf: TableShelf;
  readonly control: JobControl;
  readonly scrubber: Scrubber;
  readonly asked: readonly number[];
  /** What was marked, in order. */
  readonly marks: { readonly number: number; readonly range: KeyRange }[] = [];
  isClosed = false;

  constructor(bytesPerSecond: number) {
    const { clock, disk } = this.directory;
    const random: SimRandom = this.directory.random.fork('jobs');
    const probe = new SimProbe({ random, cruelty: 0 });
    const jobs = storageJobs({ disk, compressor, clock, probe });
    const executor = new NotingExecutor(new SimExecutor({ clock, random, jobs }));
    this.asked = executor.asked;
    this.shelf = new TableShelf(
      { disk, compressor },
      () => {},
      (path) => disk.remove(path),
    );
    this.control = new JobControl(executor, random, 100, (work) => void work);
    const { manifest } = this.directory;
    const context: Partial<TablesContext> = {
      disk,
      clock,
      probe,
      options: { ...DEFAULT_ENGINE_OPTIONS, scrubBytesPerSecond: bytesPerSecond },
      manifest,
      shelf: this.shelf,
      control: this.control,
      isClosed: () => this.isClosed,
      aside: (work) => void work,
    };
    this.scrubber = new Scrubber(context as TablesContext, this);
  }

  async add(number: number, count = 60, shape: TableShape = {}): Promise<void> {
    const { directory, shelf } = this;
    const meta = directory.writeTable(number, entriesOf(number * 1000, count), shape);
    await directory.append({ put: [placed(meta, { rank: number })] });
    shelf.install(directory.manifest.contents.tables.values());
  }

  /** Virtual time passes. */
  pass(ms: number): Promise<void> {
    return this.directory.scheduler.runFor(ms);
  }

  settle<T>(work: Promise<T>): Promise<T> {
    return this.directory.scheduler.settle(work);
  }

  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  async markDamaged(number: number, range: KeyRange): Promise<boolean> {
    const { manifest } = this.directory;
    this.marks.push({ number, range });
    const now = manifest.contents.tables.get(number);
    if (now === undefined) return false;
    await manifest.append({ put: [{ ...now, damaged: withRange(now.damaged, range) }] });
    return true;
  }
}
