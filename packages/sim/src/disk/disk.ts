/**
 * The simulated disk: the `Disk` port over a volume that knows what is durable, with faults and crashes.
 *
 * 1. A crash strikes before, during or after the n-th operation that changes something, also inside a synchronous call,
 *    and is thrown as a `Crash`. From then on this disk and its files are dead: `…Now` calls and calls without a twin
 *    throw the same `Crash`, `…Later` calls never settle, as nothing settles in a process that is gone. (A harness that
 *    waits for work wraps it in `alive`, which rejects with the crash.)
 * 2. `restart` gives a new disk with what the loss mode leaves. The dead one is not changed by it, so one crash can be
 *    restarted in many ways.
 * 3. `…Later` calls take effect after a random virtual time, one by one, in any order; a sync that ends later promises
 *    only what was written before it began.
 * 4. The same seed and the same calls give the same disk, bit for bit.
 *
 * What may go wrong: timers of the dead process still run unless its clock is killed: `disk.onCrash(() => clock.kill())`.
 */
import { DiskError } from '@torc/base/errors';
import type { Disk, DiskFile } from '@torc/base/ports/disk';
import type { SimClock } from '../clock.ts';
import { Crash } from '../crash.ts';
import type { SimRandom } from '../random.ts';
import { type FaultRates, Faults, type SyncFailure } from './faults.ts';
import { SimDiskFile } from './file.ts';
import type { Inode } from './inode.ts';
import { type FileState, flipBit, inspectVolume, volumeDigest } from './inspect.ts';
import { type LossMode, survive } from './loss.ts';
import { type CrashPoint, type Operation, OperationLog } from './operations.ts';
import { checkPath } from './path.ts';
import { Volume } from './volume.ts';

export interface SimDiskPorts {
  readonly clock: SimClock;
  readonly random: SimRandom;
}

export interface SimDiskOptions {
  /** How many bytes all files together may have. */
  readonly capacityBytes?: number;
  readonly faults?: Partial<FaultRates>;
  /** What is on the disk at first: a copy of an old one. */
  readonly image?: DiskImage;
  /** What a process that died left to the next one on the same machine: unsynced bytes are still in the page cache. */
  readonly inherited?: DiskImage;
}

export interface RestartOptions {
  /** Distinguishes restarts of one crash in one mode: another label, another loss. */
  readonly label?: string;
  /** The clock of the next incarnation. */
  readonly clock?: SimClock;
}

/** A disk's content at one moment. It never changes, and any number of disks may start from it. */
export class DiskImage {
  readonly volume: Volume;

  constructor(volume: Volume) {
    this.volume = volume;
  }
}

/** How an operation changes the volume, whole, and as far as a crash in the middle lets it. */
export interface Effect<T> {
  whole(): T;
  partly?(random: SimRandom): void;
  syncFails?(how: SyncFailure): void;
}

export class SimDisk implements Disk {
  readonly faults: Faults;
  readonly clock: SimClock;
  capacityBytes: number;
  readonly #random: SimRandom;
  readonly #volume: Volume;
  readonly #log: OperationLog = new OperationLog();
  readonly #listeners: ((crash: Crash) => void)[] = [];
  #crash: Crash | undefined;

  constructor(ports: SimDiskPorts, options: SimDiskOptions = {}) {
    this.clock = ports.clock;
    this.#random = ports.random;
    this.faults = new Faults(ports.random.fork('faults'), options.faults);
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
    this.#volume =
      options.inherited?.volume ??
      (options.image === undefined ? new Volume() : survive(options.image.volume, 'kept', ports.random.fork('image')));
  }

  open(path: string): DiskFile {
    this.ask('open', checkPath(path));
    return new SimDiskFile(this, this.#volume, this.#volume.file(path), path);
  }

  create(path: string): DiskFile {
    return this.change({ kind: 'create', path: checkPath(path), position: 0, length: 0 }, true, {
      whole: () => {
        if (this.freeBytes() <= 0 && !this.#volume.names.has(path)) throw new DiskError('full', path, 'no space left');
        return new SimDiskFile(this, this.#volume, this.#volume.create(path), path);
      },
    });
  }

  list(directory: string): string[] {
    this.ask('list', checkPath(directory));
    return this.#volume.list(directory);
  }

  rename(from: string, to: string): void {
    checkPath(to);
    this.change({ kind: 'rename', path: checkPath(from), position: 0, length: 0 }, true, {
      whole: () => this.#volume.rename(from, to),
    });
  }

  link(from: string, to: string): void {
    checkPath(to);
    this.change({ kind: 'link', path: checkPath(from), position: 0, length: 0 }, true, {
      whole: () => {
        const { names } = this.#volume;
        if (this.freeBytes() <= 0 && names.has(from) && !names.has(to))
          throw new DiskError('full', to, 'no space left');
        this.#volume.link(from, to);
      },
    });
  }

  remove(path: string): void {
    this.change({ kind: 'remove', path: checkPath(path), position: 0, length: 0 }, true, {
      whole: () => this.#volume.remove(path),
    });
  }

  makeDirectory(path: string): void {
    this.change({ kind: 'makeDirectory', path: checkPath(path), position: 0, length: 0 }, true, {
      whole: () => this.#volume.makeDirectory(path),
    });
  }

  syncDirectory(path: string): void {
    this.change({ kind: 'syncDirectory', path: checkPath(path), position: 0, length: 0 }, true, {
      whole: () => this.#volume.syncDirectory(path),
      partly: (random) => this.#volume.syncDirectory(path, random.below(this.#volume.pending().length + 1)),
    });
  }

  syncDirectoryLater(path: string): Promise<void> {
    checkPath(path);
    // Half of the time it brings no more than it must: what was done before it began.
    const only = this.faults.random.chance(0.5) ? new Set(this.#volume.pending()) : undefined;
    return this.later(() =>
      this.change({ kind: 'syncDirectory', path, position: 0, length: 0 }, false, {
        whole: () => this.#volume.syncDirectory(path, Number.POSITIVE_INFINITY, only),
        partly: (random) => this.#volume.syncDirectory(path, random.below(this.#volume.pending().length + 1), only),
      }),
    );
  }

  /** How many operations have changed something so far: the crash points of a run are 1 to this. */
  get operations(): number {
    return this.#log.count();
  }

  /** The last operations, oldest first. */
  trace(): string[] {
    return this.#log.trace();
  }

  /** Two runs that did the same operations have the same. */
  traceHash(): number {
    return this.#log.hash();
  }

  /** The crash this disk died of. */
  get crashed(): Crash | undefined {
    return this.#crash;
  }

  /** Arms a crash at a point that has not passed; `undefined` disarms. */
  armCrash(point: CrashPoint | undefined): void {
    this.#log.arm(point);
  }

  onCrash(listener: (crash: Crash) => void): void {
    this.#listeners.push(listener);
  }

  /** The process dies now, between two operations. Does not throw. */
  crash(reason: string = 'killed'): Crash {
    if (this.#crash === undefined) {
      this.#crash = new Crash(reason, this.trace());
      for (const listener of this.#listeners) listener(this.#crash);
    }
    return this.#crash;
  }

  /** The outcome of `work`, or a rejection with the crash if that comes first: one that need not be handled. */
  alive<T>(work: Promise<T>): Promise<T> {
    const watched = new Promise<T>((resolve, reject) => {
      work.then(resolve, reject);
      if (this.#crash !== undefined) reject(this.#crash);
      else this.onCrash(reject);
    });
    const unheard = (): void => void watched.catch(ignore);
    if (this.#crash === undefined) this.onCrash(unheard);
    else unheard();
    return watched;
  }

  /** Ends this incarnation, if it lives, and starts the next with what `mode` leaves. Faults do not carry over. */
  restart(mode: LossMode, options: RestartOptions = {}): SimDisk {
    this.crash('restarted');
    const { label = '', clock = this.clock } = options;
    const { capacityBytes } = this;
    const random = this.#random.fork(`restart ${mode} ${label}`);
    return new SimDisk({ clock, random }, { capacityBytes, image: this.snapshot(mode, label) });
  }

  /**
   * Ends this incarnation and starts the next on the same machine: it sees everything that was written, and what was not
   * synced can still be lost. Only once per disk: the two share what they see.
   */
  restartProcess(options: RestartOptions = {}): SimDisk {
    this.crash('killed');
    const { label = '', clock = this.clock } = options;
    const random = this.#random.fork(`process ${label}`);
    return new SimDisk(
      { clock, random },
      { capacityBytes: this.capacityBytes, inherited: new DiskImage(this.#volume) },
    );
  }

  /** A copy of what is on the disk: all that is visible, or what a crash in that mode would leave. */
  snapshot(mode: LossMode = 'kept', label: string = ''): DiskImage {
    return new DiskImage(survive(this.#volume, mode, this.#random.fork(`loss ${mode} ${label}`)));
  }

  /** Every visible file, by name. */
  inspect(): FileState[] {
    return inspectVolume(this.#volume);
  }

  /** A number that two disks share when they show and have made durable the same bytes under the same names. */
  digest(): number {
    return volumeDigest(this.#volume);
  }

  usedBytes(): number {
    return this.#volume.usedBytes;
  }

  freeBytes(): number {
    return this.capacityBytes - this.#volume.usedBytes;
  }

  /** Flips one bit of what is stored, durably, without anyone noticing. */
  flipBit(path: string, offset: number, bit: number): void {
    flipBit(this.#volume.file(path), offset, bit);
  }

  /** Drops from the page cache what failed syncs have forgotten: from now on the old bytes are read. */
  evictForgotten(): void {
    for (const inode of this.#volume.inodes()) inode.dropForgotten();
  }

  /** For files of this disk: a call that changes nothing. */
  ask(kind: Operation['kind'], path: string, now: boolean = true): void {
    this.#refuseIfDead();
    if (now) this.clock.block(this.faults.rates.nowMs);
    this.faults.check(kind, path);
  }

  /** For files of this disk: a call that changes something, with everything that may strike it. */
  change<T>(operation: Operation, now: boolean, effect: Effect<T>): T {
    this.#refuseIfDead();
    const moment = this.#log.enter(operation);
    if (now) this.clock.block(this.faults.rates.nowMs);
    if (moment === 'before') this.#die(moment);
    if (moment === 'during') {
      const random = this.#random.fork(`during ${this.operations}`);
      if (effect.partly !== undefined) effect.partly(random);
      else if (random.chance(0.5)) this.#tolerateFailure(() => effect.whole());
      this.#die(moment);
    }
    if (moment === 'after') {
      this.#tolerateFailure(() => this.#attempt(operation, effect));
      this.#die(moment);
    }
    return this.#attempt(operation, effect);
  }

  /** For files of this disk: takes effect after a while. Never settles once the disk is dead. */
  later<T>(effect: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#crash !== undefined) return;
      this.clock.setTimer(this.faults.laterDelayMs(), () => {
        if (this.#crash !== undefined) return;
        try {
          resolve(effect());
        } catch (error: unknown) {
          // A crash settles nothing; anything else is the caller's to name.
          if (!(error instanceof Crash)) reject(error);
        }
      });
    });
  }

  /** How many bytes of a write fit, at least one. */
  room(inode: Inode, position: number, length: number): number {
    if (!inode.linked) return length;
    const growth = Math.max(0, position + length - inode.sizeBytes);
    return length - Math.max(0, growth - Math.max(0, this.freeBytes()));
  }

  #attempt<T>(operation: Operation, effect: Effect<T>): T {
    this.faults.check(operation.kind, operation.path, (how) => effect.syncFails?.(how));
    return effect.whole();
  }

  /** The process is about to die: that its last operation was refused is nothing it learns. */
  #tolerateFailure(effect: () => unknown): void {
    try {
      effect();
    } catch (error: unknown) {
      if (!(error instanceof DiskError)) throw error;
    }
  }

  #refuseIfDead(): void {
    if (this.#crash !== undefined) throw this.#crash;
  }

  #die(moment: string): never {
    throw this.crash(`${moment} operation ${this.operations}`);
  }
}

function ignore(): void {}
