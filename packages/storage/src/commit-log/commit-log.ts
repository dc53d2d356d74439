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
 * 4. A segment ends with the batch that makes it as long as it should be, or at a boundary that is asked for. It is whole
 *    and durable before the next one gets its name (`log-roll.ts`).
 *
 * With `syncEveryMs` the first is given up, as the operator asked: a batch is called durable when the kernel has it.
 */
import { DiskError, Refusal } from '@torc/base/errors';
import type { Timer } from '@torc/base/ports/clock';
import { BatchBuffer } from './batch-buffer.ts';
import { BoundaryWaits } from './boundary-waits.ts';
import { stateEntry } from './entry.ts';
import type { LogFile } from './log-file.ts';
import type { LogListener, LogPorts, LogSizes } from './log-ports.ts';
import { SegmentWriter } from './segment-writer.ts';
import { SyncPace } from './sync-pace.ts';

export type { LogListener, LogPorts, LogSizes };

/** A batch beyond this is not synced in the turn. */
const MAX_BYTES_IN_TURN = 1024 * 1024;

export class CommitLog {
  readonly pace: SyncPace = new SyncPace();
  readonly #ports: LogPorts;
  readonly #syncEveryMs: number;
  readonly #listener: LogListener;
  readonly #ackBeforeSync: boolean;
  readonly #ignoreSync: boolean;
  readonly #turnEnd = (): void => this.#onTurnEnd();
  readonly #segments: SegmentWriter;
  #open = new BatchBuffer();
  /** Rises with every batch, refused ones too, so that nobody waits for a number that another batch is given. */
  #openBatch: number;
  /** The newest batch that stands in a segment. */
  #writtenBatch: number;
  #durableBatch: number;
  /** The batch whose sync is on the pool; 0 when there is none. */
  #inFlight = 0;
  #pending: Promise<void> = Promise.resolve();
  #scheduled = false;
  #delay: Timer | undefined;
  #syncTimer: Timer | undefined;
  #delayOf: (openBytes: number) => number = () => 0;
  #diskIsBusy: () => boolean = () => false;
  readonly #waits = new BoundaryWaits();
  #onRolled: () => void = () => {};
  #stopped: Error | undefined;

  /** `file` is published and durable up to its end; `nextBatch` follows the last batch in it. */
  constructor(ports: LogPorts, sizes: LogSizes, file: LogFile, nextBatch: number, listener: LogListener) {
    this.#ports = ports;
    this.#syncEveryMs = sizes.syncEveryMs ?? 0;
    this.#listener = listener;
    this.#segments = new SegmentWriter(ports, sizes, file, nextBatch, {
      ended: () => this.#ended(),
      rolled: () => this.#rolled(),
      full: (error) => this.#cannotRoll(error),
      failed: (error) => this.stop(error),
    });
    this.#openBatch = nextBatch;
    this.#writtenBatch = nextBatch - 1;
    this.#durableBatch = nextBatch - 1;
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
    return this.#segments.number;
  }

  /** Bytes of frames written since the log was opened. */
  get writtenBytes(): number {
    return this.#segments.writtenBytes;
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
    if (this.#stopped !== undefined) throw stoppedBy(this.#stopped);
  }

  #admit(): void {
    this.requireRunning();
    this.#schedule();
  }

  #schedule(): void {
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
    if (this.#stopped !== undefined || this.#isBusy()) return;
    if (this.#waits.any) return this.#drawBoundary();
    if (this.#delay !== undefined) return;
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

  /** `rolled` is called whenever the next segment takes writes. */
  tellsOfRolls(rolled: () => void): void {
    this.#onRolled = rolled;
  }

  /** One batch is in flight at most; where syncs come by a timer, batches do not wait for them. */
  #isBusy(): boolean {
    return this.#segments.isRolling || (this.#inFlight !== 0 && this.#syncEveryMs === 0);
  }

  /** A large batch takes its time wherever the disk is fast: it goes to the pool. */
  #syncsInTurn(): boolean {
    if (this.#open.payloadBytes > MAX_BYTES_IN_TURN || this.#diskIsBusy()) return false;
    return this.pace.inTurn && !this.#ports.probe.cruel('sync-on-the-pool');
  }

  /** Writes and syncs what has been appended, in this turn. Afterwards it is durable, refused, or the log has stopped. */
  commitNow(): void {
    if (this.#stopped !== undefined) return;
    if (this.#open.entries > 0 && this.#segments.endRollNow()) this.#commit(true);
    // With nothing open there may still be a batch whose sync is on the pool.
    if (this.#stopped === undefined && this.#inFlight > this.#durableBatch) this.#syncNow(this.#inFlight);
  }

  /** As `commitNow`, but only where syncs are fast and none is under way. */
  commitSoon(): void {
    if (this.#stopped !== undefined || this.#isBusy() || this.#delay !== undefined) return;
    if (this.#syncsInTurn() && this.#delayOf(this.#open.payloadBytes) < 1) this.#commit(true);
  }

  #commit(inTurn: boolean): void {
    if (this.#open.entries === 0) return;
    if (this.#segments.owesRoll) return this.#segments.roll();
    const batch = this.#openBatch;
    if (!this.#write(batch)) return;
    if (this.#syncEveryMs === 0 && inTurn) this.#syncNow(batch);
    if (this.#segments.isLong) this.#roll();
    else if (this.#syncEveryMs === 0 && !inTurn) this.#syncLater(batch);
  }

  /** Puts the open batch into the segment: `false` when it was refused or the log stopped. */
  #write(batch: number): boolean {
    try {
      this.#segments.write(this.#open);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (error.code === 'full') this.#refuse(batch);
      else this.stop(error);
      return false;
    }
    this.#open.clear();
    this.#openBatch += 1;
    this.#writtenBatch = batch;
    if (this.#ackBeforeSync) this.#markDurable(batch);
    if (this.#syncEveryMs > 0) this.#syncSometime(batch);
    return true;
  }

  #refuse(batch: number): void {
    this.#ports.probe.reached('batch-refused-by-full-disk');
    try {
      this.#segments.cutBack();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.stop(error);
      return;
    }
    this.#open.clear();
    this.#openBatch += 1;
    this.#listener.refused(batch);
  }

  /**
   * Draws a boundary: what was appended before stands in older segments than what is appended later. `drawn` is called in
   * the turn in which that is so, with the number of the first of the later ones. Settles when that one takes writes, and
   * the older ones are durable. Rejects with `DiskError` `full` when there is no room for it (the boundary may be drawn
   * all the same: the roll is owed), with what stopped the log when something did.
   */
  boundaryLater(drawn: (segment: number) => void): Promise<void> {
    this.requireRunning();
    const arrived = this.#waits.wait(drawn);
    this.#commitPaced();
    return arrived;
  }

  /** As `boundaryLater`, in this turn. Returns the number of the segment that takes writes. */
  boundaryNow(): number {
    this.commitNow();
    this.requireRunning();
    const segments = this.#segments;
    if (segments.endRollNow() && !segments.isEmpty) segments.rollNow();
    this.requireRunning();
    if (!segments.mayWrite) throw new DiskError('full', '', 'there is no room for another segment of the log');
    return segments.number;
  }

  /** Whoever waits for a boundary gets it here. What is open is part of what came before. */
  #drawBoundary(): void {
    // What came behind a boundary that is drawn already waits for its segment first.
    if (this.#segments.owesRoll) return this.#segments.roll();
    this.#delay?.cancel();
    this.#delay = undefined;
    if (this.#open.entries > 0) this.#write(this.#openBatch);
    if (this.#stopped !== undefined) return;
    // An empty segment is not worth leaving.
    const { isEmpty, number } = this.#segments;
    this.#waits.draw(isEmpty ? number : number + 1);
    if (isEmpty) this.#waits.arrived();
    else this.#roll();
  }

  /** Ends the segment; the roll syncs what is not durable yet. */
  #roll(): void {
    if (this.#stopped !== undefined) return;
    if (this.#inFlight === 0 && this.#writtenBatch > this.#durableBatch) this.#inFlight = this.#writtenBatch;
    this.#segments.roll();
  }

  /** The segment that ends is durable. */
  #ended(): void {
    if (this.#inFlight === this.#writtenBatch) this.#inFlight = 0;
    this.#markDurable(this.#writtenBatch);
  }

  #rolled(): void {
    this.#waits.arrived();
    if (this.#stopped !== undefined) return;
    this.#onRolled();
    // Not here: it may come from within `commitNow`, whose caller has something in hand.
    this.#schedule();
  }

  #cannotRoll(error: DiskError): void {
    this.#waits.giveUp(error);
    if (this.#stopped === undefined && this.#open.entries > 0) this.#refuse(this.#openBatch);
  }

  #syncNow(batch: number): void {
    const began = this.#ports.clock.monotonicMs();
    try {
      this.#segments.syncNow();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (!this.#ignoreSync) return this.stop(error);
    }
    this.pace.observe(this.#ports.clock.monotonicMs() - began);
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
    this.#inFlight = batch;
    this.#ports.probe.reached('sync-on-the-pool');
    this.#pending = this.#segments.syncLater().then(
      () => {
        this.pace.observe(this.#ports.clock.monotonicMs() - began);
        this.#landed(batch);
      },
      (error: unknown) => {
        if (!(error instanceof DiskError)) throw error;
        if (this.#ignoreSync) this.#landed(batch);
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

  #landed(batch: number): void {
    this.#inFlight = 0;
    if (this.#stopped !== undefined) return;
    // First the next batch goes out, so that the disk is not idle while the listener is told of this one.
    this.#commitPaced();
    this.#markDurable(batch);
  }

  #markDurable(batch: number): void {
    if (batch <= this.#durableBatch || this.#stopped !== undefined) return;
    this.#durableBatch = batch;
    this.#listener.durable(batch);
  }

  /** Nothing is taken any more. Also for what has to stop the node elsewhere. */
  stop(error: Error): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = error;
    this.#segments.abandon();
    this.#waits.giveUp(stoppedBy(error));
    this.#listener.stopped(error);
  }

  /** Commits, marks the clean end, and closes. A log that stopped is only closed. */
  async close(): Promise<void> {
    this.#delay?.cancel();
    this.#syncTimer?.cancel();
    this.commitNow();
    await this.#pending;
    this.#waits.giveUp(new Refusal('stopped', 'the log is closed'));
    await this.#segments.settle();
    if (this.#stopped === undefined) this.#segments.markClosed();
    this.#segments.close();
  }
}

function stoppedBy(error: Error): Refusal {
  return new Refusal('stopped', `the log stopped: ${error.message}`);
}
