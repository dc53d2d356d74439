/**
 * Merge cursor: several cursors as one. A key that several hold becomes one entry, by the record rules (`fold.ts`).
 *
 * The sources that are at an entry stand in `#order`, sorted by key in the direction of the walk, equal keys newest first.
 * The front is the entry; behind it stand the others of its key (the group). A step moves the group's sources one by one,
 * the last first, and sifts each into the sorted rest behind it. So one source far behind the others costs one comparison
 * a step, and what is left of an interrupted step is one number: how many of the group have not moved yet.
 *
 * Invariants:
 * 1. `#order[#group ...]` is sorted; all of it is, when no call is unfinished.
 * 2. Walking forwards each source is at its first entry at or above the key, walking backwards at its last at or below it.
 *    A change of direction is therefore a seek of all.
 * 3. `#ties[i]` says whether `#order[i]` and `#order[i + 1]` have one key (where sorted).
 */
import { compareBytes } from '@torc/base/bytes';
import { AT_END, AT_ENTRY, NEEDS_DISK, type BlockWant, type Cursor, type CursorCode } from './cursor.ts';
import { RecordFold } from './fold.ts';
import { KeyBuffer } from './key-buffer.ts';
import { FINISHED, IN_NEXT, IN_PREVIOUS, IN_SEEK, IN_SEEK_BELOW, Unfinished } from './unfinished.ts';

const NO_BYTES = new Uint8Array(0);
const FORWARD = 1;
const BACKWARD = -1;

/** A source with its key at hand: a comparison asks no cursor. */
class Source {
  readonly cursor: Cursor;
  /** 0 is the newest. */
  readonly age: number;
  isAtEntry = false;
  keyBytes: Uint8Array = NO_BYTES;
  keyStart = 0;
  keyEnd = 0;

  constructor(cursor: Cursor, age: number) {
    this.cursor = cursor;
    this.age = age;
  }

  readKey(): void {
    const { cursor } = this;
    this.keyBytes = cursor.keyBytes;
    this.keyStart = cursor.keyStart;
    this.keyEnd = cursor.keyEnd;
  }
}

export class MergeCursor implements Cursor {
  keyBytes: Uint8Array = NO_BYTES;
  keyStart = 0;
  keyEnd = 0;
  kind = 0;
  recordBytes: Uint8Array = NO_BYTES;
  recordStart = 0;
  recordEnd = 0;
  readonly #sources: readonly Source[];
  /** The first `#active` are in use. */
  readonly #order: Source[];
  readonly #ties: Uint8Array;
  #active = 0;
  /** Sources at the entry's key that have not left it. */
  #group = 0;
  /** Sources that a seek under way is done with. */
  #sought: number;
  #direction: typeof FORWARD | typeof BACKWARD = FORWARD;
  #waiting: Cursor | undefined;
  readonly #unfinished = new Unfinished();
  /** Where a change of direction begins. */
  readonly #turn = new KeyBuffer();
  readonly #fold: RecordFold;

  /** `sources` newest first. */
  constructor(sources: readonly Cursor[], fold: RecordFold = new RecordFold()) {
    this.#sources = sources.map((cursor, age) => new Source(cursor, age));
    this.#order = [...this.#sources];
    this.#sought = sources.length;
    this.#ties = new Uint8Array(sources.length + 1);
    this.#fold = fold;
  }

  get wants(): BlockWant | undefined {
    return this.#waiting?.wants;
  }

  provide(block: Uint8Array): void {
    this.#waiting?.provide(block);
  }

  seek(key: Uint8Array, start: number, end: number): CursorCode {
    if (this.#unfinished.beginsSeek(IN_SEEK, key, start, end)) this.#beginSeek(FORWARD);
    return this.#seekAll(this.#unfinished.target);
  }

  seekBelow(key: Uint8Array, start: number, end: number): CursorCode {
    if (this.#unfinished.beginsSeek(IN_SEEK_BELOW, key, start, end)) this.#beginSeek(BACKWARD);
    return this.#seekAll(this.#unfinished.target);
  }

  next(): CursorCode {
    if (this.#unfinished.beginsStep(IN_NEXT)) this.#beginStep(FORWARD);
    return this.#sought < this.#sources.length ? this.#seekAll(this.#turn) : this.#advance();
  }

  previous(): CursorCode {
    if (this.#unfinished.beginsStep(IN_PREVIOUS)) this.#beginStep(BACKWARD);
    return this.#sought < this.#sources.length ? this.#seekAll(this.#turn) : this.#advance();
  }

  #beginSeek(direction: typeof FORWARD | typeof BACKWARD): void {
    this.#direction = direction;
    this.#active = 0;
    this.#group = 0;
    this.#sought = 0;
  }

  #beginStep(direction: typeof FORWARD | typeof BACKWARD): void {
    if (direction === this.#direction || this.#group === 0) return;
    if (direction === FORWARD) this.#turn.setAbove(this.keyBytes, this.keyStart, this.keyEnd);
    else this.#turn.set(this.keyBytes, this.keyStart, this.keyEnd);
    this.#beginSeek(direction);
  }

  /** Sends the sources that were not sought yet to the key, then puts all in order. */
  #seekAll(key: KeyBuffer): CursorCode {
    for (; this.#sought < this.#sources.length; this.#sought += 1) {
      const source = this.#sources[this.#sought] as Source;
      const { cursor } = source;
      const code =
        this.#direction === FORWARD ? cursor.seek(key.bytes, 0, key.end) : cursor.seekBelow(key.bytes, 0, key.end);
      if (code === NEEDS_DISK) return this.#waitFor(cursor);
      source.isAtEntry = code === AT_ENTRY;
    }
    for (const source of this.#sources) {
      if (!source.isAtEntry) continue;
      source.readKey();
      this.#order[this.#active] = source;
      this.#active += 1;
    }
    for (let at = this.#active - 1; at >= 0; at -= 1) this.#sift(at);
    return this.#settle();
  }

  /** Moves what has not left the entry's key yet. */
  #advance(): CursorCode {
    const forward = this.#direction === FORWARD;
    while (this.#group > 0) {
      const at = this.#group - 1;
      const source = this.#order[at] as Source;
      const code = forward ? source.cursor.next() : source.cursor.previous();
      if (code === NEEDS_DISK) return this.#waitFor(source.cursor);
      this.#group = at;
      if (code === AT_ENTRY) {
        source.readKey();
        this.#sift(at);
      } else {
        this.#remove(at);
      }
    }
    return this.#settle();
  }

  #waitFor(cursor: Cursor): CursorCode {
    this.#waiting = cursor;
    return NEEDS_DISK;
  }

  /** Moves the source at `at` to its place in what stands sorted behind it. */
  #sift(at: number): void {
    const order = this.#order;
    const ties = this.#ties;
    const source = order[at] as Source;
    const last = this.#active - 1;
    let place = at;
    let tieBefore = 0;
    let tieAfter = 0;
    while (place < last) {
      const other = order[place + 1] as Source;
      const difference = this.#direction * compareKeys(source, other);
      const isTie = difference === 0 ? 1 : 0;
      if (difference < 0 || (isTie === 1 && source.age < other.age)) {
        tieAfter = isTie;
        break;
      }
      order[place] = other;
      ties[place] = ties[place + 1] as number;
      tieBefore = isTie;
      place += 1;
    }
    order[place] = source;
    ties[place] = tieAfter;
    if (place > at) ties[place - 1] = tieBefore;
  }

  #remove(at: number): void {
    this.#active -= 1;
    for (let i = at; i < this.#active; i += 1) {
      this.#order[i] = this.#order[i + 1] as Source;
      this.#ties[i] = this.#ties[i + 1] as number;
    }
  }

  /** All sources stand where they should: makes the entry out of the group at the front. */
  #settle(): CursorCode {
    // First of all: should the entry turn out damaged, the next step goes past it.
    this.#unfinished.call = FINISHED;
    this.#waiting = undefined;
    if (this.#active === 0) return AT_END;
    const front = this.#order[0] as Source;
    this.keyBytes = front.keyBytes;
    this.keyStart = front.keyStart;
    this.keyEnd = front.keyEnd;
    let group = 1;
    while (this.#ties[group - 1] === 1) group += 1;
    this.#group = group;
    if (group > 1) return this.#foldGroup();
    const { cursor } = front;
    this.kind = cursor.kind;
    this.recordBytes = cursor.recordBytes;
    this.recordStart = cursor.recordStart;
    this.recordEnd = cursor.recordEnd;
    return AT_ENTRY;
  }

  #foldGroup(): CursorCode {
    const fold = this.#fold;
    fold.reset();
    for (let i = 0; i < this.#group; i += 1) {
      const { cursor } = this.#order[i] as Source;
      if (!fold.add(cursor.kind, cursor.recordBytes, cursor.recordStart, cursor.recordEnd)) break;
    }
    this.kind = fold.kind;
    this.recordBytes = fold.bytes;
    this.recordStart = fold.start;
    this.recordEnd = fold.end;
    return AT_ENTRY;
  }
}

function compareKeys(a: Source, b: Source): number {
  return compareBytes(a.keyBytes, a.keyStart, a.keyEnd, b.keyBytes, b.keyStart, b.keyEnd);
}
