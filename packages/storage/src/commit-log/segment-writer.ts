/**
 * The segment that takes writes, and the way to the next one. Knows frames and bytes, not who waits for them.
 *
 * Nothing is written while a roll is under way or owed, or once the log has stopped (`mayWrite`).
 */
import { DiskError } from '@torc/base/errors';
import type { BatchBuffer } from './batch-buffer.ts';
import {
  FILE_HEADER_BYTES,
  FRAME_CLOSED,
  FRAME_COVER,
  FRAME_ENTRIES,
  FRAME_HEADER_BYTES,
  frameBytes,
  sealFrame,
} from './frame.ts';
import type { LogFile } from './log-file.ts';
import type { LogPorts, LogSizes } from './log-ports.ts';
import { LogRoll } from './log-roll.ts';

export interface SegmentHooks {
  /** Everything written to the segment that ends is durable. */
  ended(): void;
  /** The next segment takes writes. */
  rolled(): void;
  /** There is no room for the next segment: the roll is owed. */
  full(error: DiskError): void;
  /** Nobody can say what is on the disk. */
  failed(error: DiskError): void;
}

export class SegmentWriter {
  readonly #ports: LogPorts;
  readonly #sizes: LogSizes;
  readonly #hooks: SegmentHooks;
  readonly #cover: number;
  #file: LogFile;
  /** The number of the next frame: dense, so it does not rise when a batch is refused. */
  #nextFrame: number;
  /** The offset that is known to be durable. */
  #syncedBytes: number;
  #writtenBytes = 0;
  #roll: LogRoll | undefined;
  /** The segment ended, and there was no room for the next one. */
  #owesRoll = false;
  #abandoned = false;
  #settled: Promise<void> = Promise.resolve();

  constructor(ports: LogPorts, sizes: LogSizes, file: LogFile, nextFrame: number, hooks: SegmentHooks) {
    this.#ports = ports;
    this.#sizes = sizes;
    this.#file = file;
    this.#nextFrame = nextFrame;
    this.#syncedBytes = file.endBytes;
    this.#hooks = hooks;
    this.#cover = ports.probe.planted('checksum-over-body-only') ? FRAME_HEADER_BYTES : FRAME_COVER;
  }

  /** Of the segment that takes writes, or did last. */
  get number(): number {
    return this.#file.number;
  }

  /** Bytes of frames written since the log was opened. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  get isEmpty(): boolean {
    return this.#file.endBytes <= FILE_HEADER_BYTES;
  }

  /** It is as long as a segment should be. */
  get isLong(): boolean {
    return this.#file.endBytes >= this.#sizes.segmentBytes;
  }

  get isRolling(): boolean {
    return this.#roll !== undefined;
  }

  get owesRoll(): boolean {
    return this.#owesRoll;
  }

  get mayWrite(): boolean {
    return this.#roll === undefined && !this.#owesRoll && !this.#abandoned;
  }

  /** Puts a batch behind what is there. On a `DiskError` part of it may stand there: `cutBack`. */
  write(batch: BatchBuffer): void {
    const bytes = frameBytes(batch.payloadBytes);
    this.#file.extendAhead(bytes, this.#sizes.aheadBytes, this.#sizes.segmentBytes);
    const { entries, payloadBytes } = batch;
    this.#append(batch.bytes, { type: FRAME_ENTRIES, entries, payloadBytes, synced: this.#syncedBytes });
    this.#nextFrame += 1;
  }

  /** Removes what a failed `write` left. */
  cutBack(): void {
    this.#file.cutBack();
  }

  syncNow(): void {
    this.#file.syncNow();
    this.#syncedBytes = this.#file.endBytes;
  }

  /** Settles when what was written before this call is durable. */
  async syncLater(): Promise<void> {
    const file = this.#file;
    const { endBytes } = file;
    await file.syncLater();
    if (file === this.#file) this.#syncedBytes = Math.max(this.#syncedBytes, endBytes);
  }

  /** Ends the segment; the next one is made on the pool. */
  roll(): void {
    this.#settled = this.#begin().later();
    // What is no failure of the disk is thrown where the clock's owner sees it.
    void this.#settled.catch((error: unknown) => {
      this.#ports.clock.onTurnEnd(() => {
        throw error;
      });
    });
  }

  /** Ends the segment; the next one is made in this turn. Whether it may be written to afterwards. */
  rollNow(): boolean {
    this.#begin().now();
    return this.mayWrite;
  }

  /** Ends in this turn a roll that is under way or owed. Whether it may be written to afterwards. */
  endRollNow(): boolean {
    if (this.#owesRoll) return this.rollNow();
    this.#roll?.now();
    return this.mayWrite;
  }

  #begin(): LogRoll {
    const old = this.#file;
    this.#owesRoll = false;
    this.#roll = new LogRoll(this.#ports, old, this.#nextFrame, {
      oldSynced: () => {
        this.#syncedBytes = old.endBytes;
        this.#hooks.ended();
      },
      landed: (next) => {
        this.#roll = undefined;
        this.#file = next;
        this.#syncedBytes = next.endBytes;
        this.#hooks.rolled();
      },
      full: (error) => {
        this.#roll = undefined;
        this.#owesRoll = true;
        this.#hooks.full(error);
      },
      failed: (error) => this.#hooks.failed(error),
    });
    return this.#roll;
  }

  /** The log stopped: nothing is written any more, and no roll goes on. */
  abandon(): void {
    this.#abandoned = true;
    this.#roll?.abandon();
    this.#roll = undefined;
  }

  /** Settles when nothing of a roll is under way. */
  settle(): Promise<void> {
    return this.#settled;
  }

  /** Marks a clean end: the next start is spared some work. Without room for the mark nothing is lost. */
  markClosed(): void {
    if (!this.mayWrite) return;
    try {
      const fields = { type: FRAME_CLOSED, entries: 0, payloadBytes: 0, synced: this.#file.endBytes };
      this.#append(new Uint8Array(FRAME_HEADER_BYTES), fields);
      this.#file.trim();
      this.#file.syncNow();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
  }

  close(): void {
    this.#file.close();
  }

  #append(bytes: Uint8Array, fields: Omit<Parameters<typeof sealFrame>[2], 'batch'>): void {
    const end = sealFrame(bytes, 0, { ...fields, batch: this.#nextFrame }, this.#file.seed, this.#cover);
    this.#file.append(bytes, 0, end);
    this.#writtenBytes += end;
  }
}
