/**
 * From one segment to the next: what is in the old one becomes durable, the next is made under a temporary name, synced,
 * renamed, and its directory synced. Only then is it written to: a segment is whole and durable before the next one gets
 * its name.
 *
 * On the pool, because to sync a directory may wait for whatever else is being written to the disk. Who cannot wait lets it
 * end in the turn (`now`), wherever it is: each step that is done twice does no harm.
 */
import { DiskError } from '@torc/base/errors';
import { LogFile, type FilePorts } from './log-file.ts';
import { logName } from './names.ts';

export interface RollHooks {
  /** Everything in the old segment is durable. Called once, before `landed`. */
  oldSynced(): void;
  /** The next segment takes writes; the old one is closed. */
  landed(next: LogFile): void;
  /** The disk has no room for the next segment. There is none, and the old one is as it was: roll again later. */
  full(error: DiskError): void;
  /** Nobody can say what is on the disk. May come after `landed`, when a step on the pool fails late. */
  failed(error: DiskError): void;
}

export class LogRoll {
  /** Of the next segment. */
  readonly number: number;
  readonly #ports: FilePorts;
  readonly #old: LogFile;
  readonly #firstBatch: number;
  readonly #hooks: RollHooks;
  readonly #ignoreSync: boolean;
  #isOldSynced = false;
  #isOver = false;
  #next: LogFile | undefined;

  /** Nothing is written to `old` any more. `firstBatch`: the number of the next segment's first frame. */
  constructor(ports: FilePorts, old: LogFile, firstBatch: number, hooks: RollHooks) {
    this.#ports = ports;
    this.#old = old;
    this.#firstBatch = firstBatch;
    this.#hooks = hooks;
    this.#ignoreSync = ports.probe.planted('sync-result-ignored');
    this.number = old.number + 1;
  }

  /** Settles when nothing of it is under way any more. Rejects only with what is no `DiskError`. */
  async later(): Promise<void> {
    try {
      await this.#old.syncLater().catch((error: unknown) => this.#syncFailed(error));
      if (this.#isOver) return;
      this.#oldSynced();
      const next = this.#make();
      if (next === undefined) return;
      await next.syncLater();
      // Overtaken: then it has its name already, or a sync that failed in the turn has taken back what this one promises.
      if (this.#isOver) return;
      await next.giveNameLater();
      this.#land(next);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Does in this turn what is left to do. */
  now(): void {
    try {
      if (!this.#isOldSynced) this.#syncOldNow();
      this.#oldSynced();
      const next = this.#make();
      next?.publish();
      if (next !== undefined) this.#land(next);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Takes no further step: a sync failed elsewhere, and one that succeeds here would vouch for what that one lost. */
  abandon(): void {
    this.#isOver = true;
  }

  #syncOldNow(): void {
    try {
      this.#old.syncNow();
    } catch (error) {
      this.#syncFailed(error);
    }
  }

  #syncFailed(error: unknown): void {
    if (!(error instanceof DiskError) || !this.#ignoreSync) throw error;
  }

  #oldSynced(): void {
    if (this.#isOldSynced) return;
    this.#isOldSynced = true;
    this.#hooks.oldSynced();
  }

  /** The next segment under its temporary name; `undefined` when there is no room for it. */
  #make(): LogFile | undefined {
    if (this.#next !== undefined) return this.#next;
    try {
      this.#old.trim();
      this.#next = LogFile.create(this.#ports, logName(this.number), {
        kind: 'log',
        number: this.number,
        previousBytes: this.#old.endBytes,
        firstBatch: this.#firstBatch,
      });
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== 'full') throw error;
      this.#isOver = true;
      this.#hooks.full(error);
    }
    return this.#next;
  }

  #land(next: LogFile): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#old.close();
    this.#ports.probe.reached('segment-rolled');
    this.#hooks.landed(next);
  }

  #fail(error: unknown): void {
    if (!(error instanceof DiskError)) throw error;
    // The next segment may be there under its name, and it says that the old one ends there: nothing may follow.
    this.#isOver = true;
    this.#hooks.failed(error);
  }
}
