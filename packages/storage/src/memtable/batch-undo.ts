/**
 * What takes the open batch back when a full disk refuses it: which entries it linked, and the records that it wrote over,
 * saved here once per key and batch. One reused buffer; nothing is allocated per write.
 */
import { copyBytes, readU32, writeU32 } from '@torc/base/bytes';

const FIRST_STEPS = 1024;
const FIRST_BYTES = 256 * 1024;

/** A buffer that grew beyond this for one large batch is let go afterwards. */
const KEEP_BYTES = 4 * 1024 * 1024;

const SAVED_HEAD_BYTES = 8;

/** What the memtable does for an undo. */
export interface Undoable {
  unlink(ref: number): void;
  restore(ref: number, batch: number, saved: Uint8Array, start: number, end: number): void;
}

export class BatchUndo {
  /** Pairs: ref, and where its saved record begins, plus 1; 0 when the entry was linked. */
  #steps = new Uint32Array(FIRST_STEPS * 2);
  #count = 0;
  /** u32 batch, u32 length, record. */
  #saved = new Uint8Array(FIRST_BYTES);
  #end = 0;

  linked(ref: number): void {
    this.#step(ref, 0);
  }

  /** Keeps the record `[start, end)` of an entry that is about to be written over. */
  rewrites(ref: number, batch: number, bytes: Uint8Array, start: number, end: number): void {
    const at = this.#end;
    const needed = at + SAVED_HEAD_BYTES + end - start;
    if (needed > this.#saved.length) this.#grow(needed);
    writeU32(this.#saved, at, batch);
    writeU32(this.#saved, at + 4, end - start);
    copyBytes(bytes, start, end, this.#saved, at + SAVED_HEAD_BYTES);
    this.#end = needed;
    this.#step(ref, at + 1);
  }

  /** Takes everything back, newest first. */
  undo(table: Undoable): void {
    for (let i = this.#count - 1; i >= 0; i -= 1) {
      const ref = this.#steps[i * 2] as number;
      const saved = this.#steps[i * 2 + 1] as number;
      if (saved === 0) {
        table.unlink(ref);
      } else {
        const start = saved - 1 + SAVED_HEAD_BYTES;
        const batch = readU32(this.#saved, saved - 1);
        table.restore(ref, batch, this.#saved, start, start + readU32(this.#saved, saved + 3));
      }
    }
    this.clear();
  }

  clear(): void {
    this.#count = 0;
    this.#end = 0;
    if (this.#saved.length > KEEP_BYTES) this.#saved = new Uint8Array(FIRST_BYTES);
  }

  #step(ref: number, saved: number): void {
    if (this.#count * 2 === this.#steps.length) {
      const larger = new Uint32Array(this.#steps.length * 2);
      larger.set(this.#steps);
      this.#steps = larger;
    }
    this.#steps[this.#count * 2] = ref;
    this.#steps[this.#count * 2 + 1] = saved;
    this.#count += 1;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#saved.length * 2));
    copyBytes(this.#saved, 0, this.#end, larger, 0);
    this.#saved = larger;
  }
}
