/**
 * The commit log: group commit over segments (DESIGN section 10).
 *
 * What is appended during a turn is one batch, one frame, one sync. While a sync is under way on the pool, what arrives
 * shares the next batch; at most one batch is in flight.
 *
 * Invariants:
 * 1. A batch is reported durable only after a sync that began after all of its bytes were written has succeeded.
 * 2. A failed sync stops the log for good: it is never retried and called durable.
 * 3. A batch that does not fit the disk is cut back to the last whole frame and reported refused: nothing of it is kept.
 * 4. A segment is whole and durable before the next one gets its name.
 *
 * With `syncEveryMs` the first is given up, as the operator asked: a batch is called durable when the kernel has it.
 */
import { assert } from '@torc/base/assert';
import { DiskError, Refusal } from '@torc/base/errors';
import type { Timer } from '@torc/base/ports/clock';
import { BatchBuffer } from './batch-buffer.ts';
import { stateEntry } from './entry.ts';
import {
  FILE_HEADER_BYTES,
  FRAME_CLOSED,
  FRAME_COVER,
  FRAME_ENTRIES,
  FRAME_HEADER_BYTES,
  frameBytes,
  sealFrame,
} from './frame.ts';
import { LogFile } from './log-file.ts';
import type { LogListener, LogPorts, LogSizes } from './log-ports.ts';
import { logName } from './names.ts';
import { SyncPace } from './sync-pace.ts';

export type { LogListener, LogPorts, LogSizes };

/** A batch beyond this is not synced in the turn. */
const MAX_BYTES_IN_TURN = 1024 * 1024;

export class CommitLog {
  readonly pace: SyncPace = new SyncPace();
  readonly #ports: LogPorts;
  readonly #segmentBytes: number;
  readonly #aheadBytes: number;
  readonly #syncEveryMs: number;
  readonly #listener: LogListener;
  readonly #cover: number;
  readonly #ackBeforeSync: boolean;
  readonly #ignoreSync: boolean;
  readonly #turnEnd = (): void => this.#onTurnEnd();
  #file: LogFile;
  #open = new BatchBuffer();
  /** Rises with every batch, refused ones too, so that nobody waits for a number that another batch is given. */
  #openBatch: number;
  /** The number of the next frame: dense, so it does not rise when a batch is refused. */
  #nextFrame: number;
  #durableBatch: number;
  /** The batch whose sync is on the pool; 0 when there is none. */
  #inFlight = 0;
  #inFlightFile: LogFile | undefined;
  #pending: Promise<void> = Promise.resolve();
  /** The offset in the current segment that is known to be durable. */
  #syncedBytes: number;
  #scheduled = false;
  #delay: Timer | undefined;
  #syncTimer: Timer | undefined;
  #delayOf: (openBytes: number) => number = () => 0;
  #diskIsBusy: () => boolean = () => false;
  #writtenBytes = 0;
  #stopped: Error | undefined;

  /** `file` is published and durable up to its end; `nextBatch` follows the last batch in it. */
  constructor(ports: LogPorts, sizes: LogSizes, file: LogFile, nextBatch: number, listener: LogListener) {
    this.#ports = ports;
    this.#segmentBytes = sizes.segmentBytes;
    this.#aheadBytes = sizes.aheadBytes;
    this.#syncEveryMs = sizes.syncEveryMs ?? 0;
    this.#listener = listener;
    this.#file = file;
    this.#syncedBytes = file.endBytes;
    this.#openBatch = nextBatch;
    this.#nextFrame = nextBatch;
    this.#durableBatch = nextBatch - 1;
    this.#cover = ports.probe.planted('checksum-over-body-only') ? FRAME_HEADER_BYTES : FRAME_COVER;
    this.#ackBeforeSync = ports.probe.planted('ack-before-sync');
    this.#ignoreSync = ports.probe.planted('sync-result-ignored');
  }

  /** The batch that takes what is appended now. */
  get openBatch(): number {
    return this.#openBatch;
  }

  get durableBatch(): number {
    return this.#durableBatch;
  }

  get openBytes(): number {
    return this.#open.payloadBytes;
  }

  get segment(): number {
    return this.#file.number;
  }

  /** Bytes of frames written since the log was opened. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /**
   * The batch with these low 32 bits if it waits for its sync, else 0. After 2^32 batches an old one may look so: then an
   * answer waits for one sync that it did not need.
   */
  pendingBatch(batchLow: number): number {
    if (this.#open.entries > 0 && batchLow === this.#openBatch >>> 0) return this.#openBatch;
    // What was synced in the turn meanwhile is durable already, though its sync on the pool has not landed.
    return this.#inFlight > this.#durableBatch && batchLow === this.#inFlight >>> 0 ? this.#inFlight : 0;
  }

  /** Appends an entry whose key and record stand one behind the other; it is durable when `openBatch` is. */
  append(
    kind: number,
    change: number,
    bytes: Uint8Array,
    keyStart: number,
    recordStart: number,
    recordEnd: number,
  ): void {
    this.#admit();
    this.#open.append(kind, change, bytes, keyStart, recordStart, recordEnd);
  }

  appendState(name: number, value: number): void {
    this.#admit();
    this.#open.appendEncoded(stateEntry(name, value));
  }

  /** Throws a `Refusal` once the log has stopped. */
  requireRunning(): void {
    if (this.#stopped !== undefined) throw new Refusal('stopped', `the log stopped: ${this.#stopped.message}`);
  }

  #admit(): void {
    this.requireRunning();
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#ports.clock.onTurnEnd(this.#turnEnd);
  }

  #onTurnEnd(): void {
    this.#scheduled = false;
    this.#commitPaced();
  }

  /** Commits, unless a batch is in flight: that one goes on with this. Slowed writers wait their time first. */
  #commitPaced(): void {
    if (this.#stopped !== undefined || this.#isBusy() || this.#delay !== undefined) return;
    const delayMs = this.#open.entries === 0 ? 0 : this.#delayOf(this.#open.payloadBytes);
    if (delayMs < 1) return this.#commit(this.#syncsInTurn());
    this.#ports.probe.reached('batch-delayed');
    this.#delay = this.#ports.clock.setTimer(delayMs, () => {
      this.#delay = undefined;
      if (this.#stopped === undefined && !this.#isBusy()) this.#commit(this.#syncsInTurn());
    });
  }

  /** While `isBusy`, others write to the disk in bulk and syncs may take long: they go to the pool. */
  avoidsTurnWhile(isBusy: () => boolean): void {
    this.#diskIsBusy = isBusy;
  }

  /** Slows writers smoothly: a batch of so many bytes waits so long before it is written. */
  delaysBy(delayOf: (openBytes: number) => number): void {
    this.#delayOf = delayOf;
  }

  /** One batch is in flight at most; where syncs come by a timer, batches do not wait for them. */
  #isBusy(): boolean {
    return this.#inFlight !== 0 && this.#syncEveryMs === 0;
  }

  /** A large batch takes its time wherever the disk is fast: it goes to the pool. */
  #syncsInTurn(): boolean {
    if (this.#open.payloadBytes > MAX_BYTES_IN_TURN || this.#diskIsBusy()) return false;
    return this.pace.inTurn && !this.#ports.probe.cruel('sync-on-the-pool');
  }

  /** Writes and syncs what has been appended, in this turn. Afterwards it is durable, refused, or the log has stopped. */
  commitNow(): void {
    if (this.#stopped !== undefined) return;
    // With nothing open there may still be a batch whose sync is on the pool.
    if (this.#open.entries === 0 && this.#inFlight > this.#durableBatch) this.#syncNow(this.#inFlight);
    else this.#commit(true);
  }

  /** As `commitNow`, but only where syncs are fast and none is under way. */
  commitSoon(): void {
    if (this.#stopped !== undefined || this.#isBusy() || this.#delay !== undefined) return;
    if (this.#syncsInTurn() && this.#delayOf(this.#open.payloadBytes) < 1) this.#commit(true);
  }

  #commit(inTurn: boolean): void {
    if (this.#open.entries === 0) return;
    const batch = this.#openBatch;
    if (!this.#write(batch)) return;
    this.#open.clear();
    this.#openBatch += 1;
    this.#nextFrame += 1;
    if (this.#ackBeforeSync) this.#markDurable(batch);
    if (this.#syncEveryMs > 0) this.#syncSometime(batch);
    else if (inTurn) this.#syncNow(batch);
    else this.#syncLater(batch);
  }

  /** Puts the open batch into a segment: `false` when it was refused or the log stopped. */
  #write(batch: number): boolean {
    const open = this.#open;
    const fields = {
      type: FRAME_ENTRIES,
      batch: this.#nextFrame,
      entries: open.entries,
      payloadBytes: open.payloadBytes,
      synced: this.#syncedBytes,
    };
    try {
      if (this.#file.endBytes + frameBytes(fields.payloadBytes) > this.#segmentBytes) {
        this.#roll();
        fields.synced = this.#syncedBytes;
      }
      this.#file.extendAhead(frameBytes(fields.payloadBytes), this.#aheadBytes, this.#segmentBytes);
      this.#writeFrame(open.bytes, fields);
      return true;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (error.code !== 'full' || this.#stopped !== undefined) this.stop(error);
      else this.#refuse(batch);
      return false;
    }
  }

  #writeFrame(bytes: Uint8Array, fields: Parameters<typeof sealFrame>[2]): void {
    const end = sealFrame(bytes, 0, fields, this.#file.seed, this.#cover);
    this.#file.append(bytes, 0, end);
    this.#writtenBytes += end;
  }

  #refuse(batch: number): void {
    this.#ports.probe.reached('batch-refused-by-full-disk');
    try {
      this.#file.cutBack();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.stop(error);
      return;
    }
    this.#open.clear();
    this.#openBatch += 1;
    this.#listener.refused(batch);
  }

  /** Begins the next segment. An empty one is not worth leaving, however large the batch. */
  #roll(): void {
    if (this.#file.endBytes <= FILE_HEADER_BYTES) return;
    // The bytes in flight are written, so a sync that begins now covers them.
    if (this.#inFlight !== 0 || this.#syncedBytes < this.#file.endBytes) this.#syncNow(this.#openBatch - 1);
    if (this.#stopped !== undefined) throw this.#stopped;
    const old = this.#file;
    const header = {
      kind: 'log' as const,
      number: old.number + 1,
      previousBytes: old.endBytes,
      firstBatch: this.#nextFrame,
    };
    old.trim();
    const next = LogFile.create(this.#ports, logName(header.number), header);
    try {
      next.publish();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      // The next segment may be there under its name, and it says that this one ends here: nothing may follow.
      this.stop(error);
      throw error;
    }
    this.#file = next;
    this.#syncedBytes = next.endBytes;
    // A sync that is still on the pool closes the old file when it ends.
    if (this.#inFlightFile !== old) old.close();
    this.#ports.probe.reached('segment-rolled');
  }

  /** Begins a new segment, so that everything up to now stands in older ones; returns its number. */
  rollNow(): number {
    this.commitNow();
    if (this.#stopped !== undefined) throw new Refusal('stopped', `the log stopped: ${this.#stopped.message}`);
    this.#roll();
    return this.#file.number;
  }

  #syncNow(batch: number): void {
    const began = this.#ports.clock.monotonicMs();
    try {
      this.#file.syncNow();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (!this.#ignoreSync) return this.stop(error);
    }
    this.pace.observe(this.#ports.clock.monotonicMs() - began);
    this.#syncedBytes = this.#file.endBytes;
    this.#markDurable(batch);
  }

  /** The operator takes the risk: answered now, synced by a timer. */
  #syncSometime(batch: number): void {
    this.#syncTimer ??= this.#ports.clock.setTimer(this.#syncEveryMs, () => {
      this.#syncTimer = undefined;
      if (this.#stopped === undefined && this.#inFlight === 0) this.#syncLater(this.#openBatch - 1);
    });
    this.#markDurable(batch);
  }

  #syncLater(batch: number): void {
    const began = this.#ports.clock.monotonicMs();
    const file = this.#file;
    const syncedBytes = file.endBytes;
    this.#inFlight = batch;
    this.#inFlightFile = file;
    this.#ports.probe.reached('sync-on-the-pool');
    this.#pending = file.syncLater().then(
      () => {
        this.pace.observe(this.#ports.clock.monotonicMs() - began);
        if (file === this.#file) this.#syncedBytes = Math.max(this.#syncedBytes, syncedBytes);
        this.#landed(file, batch);
      },
      (error: unknown) => {
        if (!(error instanceof DiskError)) throw error;
        if (this.#ignoreSync) this.#landed(file, batch);
        else this.stop(error);
      },
    );
    // What is no failure of the disk is thrown where the clock's owner sees it.
    void this.#pending.catch((error: unknown) => {
      this.#ports.clock.onTurnEnd(() => {
        throw error;
      });
    });
  }

  #landed(file: LogFile, batch: number): void {
    this.#inFlight = 0;
    this.#inFlightFile = undefined;
    if (file !== this.#file) file.close();
    if (this.#stopped !== undefined) return;
    // First the next batch goes out, so that the disk is not idle while the listener is told of this one.
    this.#commitPaced();
    this.#markDurable(batch);
  }

  #markDurable(batch: number): void {
    if (batch <= this.#durableBatch) return;
    this.#durableBatch = batch;
    this.#listener.durable(batch);
  }

  /** Nothing is taken any more. Also for what has to stop the node elsewhere. */
  stop(error: Error): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = error;
    this.#listener.stopped(error);
  }

  /** Commits, marks the clean end, and closes. A log that stopped is only closed. */
  async close(): Promise<void> {
    this.#delay?.cancel();
    this.#syncTimer?.cancel();
    this.commitNow();
    await this.#pending;
    if (this.#stopped === undefined) this.#markClosed();
    this.#file.close();
  }

  #markClosed(): void {
    assert(this.#open.entries === 0, 'a log is closed with nothing open');
    const fields = {
      type: FRAME_CLOSED,
      batch: this.#nextFrame,
      entries: 0,
      payloadBytes: 0,
      synced: this.#file.endBytes,
    };
    try {
      this.#writeFrame(new Uint8Array(FRAME_HEADER_BYTES), fields);
      this.#file.trim();
      this.#file.syncNow();
    } catch (error) {
      // The mark only spares the next start some work; without it nothing is lost.
      if (!(error instanceof DiskError)) throw error;
    }
  }
}
