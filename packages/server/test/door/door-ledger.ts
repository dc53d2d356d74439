/**
 * What a node was asked to write and what became of it: the truth that replies, reads and crash images are judged by.
 *
 * It listens at the coordinator, so it knows the order in which commands of all connections ran. Values begin with the
 * number of their SET, so that what is shown names who wrote it. A key is deleted by one connection only: then its n-th
 * DEL to run is its n-th DEL sent.
 */
import type { Coordinator } from '@torc/node/coordinator/coordinator';
import type { TorcNode } from '@torc/node/node';
import { ReadView } from '@torc/node/replica/views';
import { NeedsDisk } from '@torc/storage/read/needs-disk';

export interface Attempt {
  readonly key: string;
  /** Its place among the attempts on the key. */
  readonly index: number;
  /** `undefined`: a deletion. */
  readonly value: string | undefined;
  readonly batch: number;
  state: 'open' | 'durable' | 'refused';
}

/** For each key the place of the newest attempt that a client knows of. */
export type Known = ReadonlyMap<string, number>;

export class DoorLedger {
  readonly violations: string[] = [];
  refusals = 0;
  readonly #attempts = new Map<string, Attempt[]>();
  readonly #sets = new Map<string, Attempt>();
  readonly #deletions = new Map<string, (Attempt | undefined)[]>();
  readonly #known = new Map<string, number>();
  #open: Attempt[] = [];

  /** Stands between the door and the node's coordinator. */
  listen(node: TorcNode): void {
    const coordinator = node.coordinator;
    const write: Coordinator['write'] = coordinator.write.bind(coordinator);
    const remove: Coordinator['remove'] = coordinator.remove.bind(coordinator);
    const read: Coordinator['read'] = coordinator.read.bind(coordinator);
    coordinator.write = (db, bytes, start, end, next, context) => {
      const key = textOf(bytes, start, end);
      const value = textOf(next.bytes, next.valueStart, next.valueEnd);
      const stamp = write(db, bytes, start, end, next, context);
      this.#sets.set(setOf(value), this.#tried(key, value, node.openBatch));
      return stamp;
    };
    coordinator.remove = (db, bytes, start, end, seen) => {
      const key = textOf(bytes, start, end);
      const deletions = listOf(this.#deletions, key);
      const place = deletions.push(undefined) - 1;
      let found: boolean;
      try {
        found = remove(db, bytes, start, end, seen);
      } catch (error) {
        // It has done nothing, and runs again when what it needs was loaded.
        if (error instanceof NeedsDisk) deletions.pop();
        throw error;
      }
      if (found) deletions[place] = this.#tried(key, undefined, node.openBatch);
      return found;
    };
    coordinator.read = (db, bytes, start, end, into) => {
      const found = read(db, bytes, start, end, into);
      this.#judgeRead(textOf(bytes, start, end), found ? shownBy(into) : undefined);
      return found;
    };
  }

  accuse(what: string): void {
    this.violations.push(what);
  }

  durable(batch: number): void {
    for (const attempt of this.#open) if (attempt.batch <= batch) attempt.state = 'durable';
    this.#open = this.#open.filter(({ state }) => state === 'open');
  }

  refused(batch: number): void {
    this.refusals += 1;
    for (const attempt of this.#open) if (attempt.batch === batch) attempt.state = 'refused';
    this.#open = this.#open.filter(({ state }) => state === 'open');
  }

  /** The attempt of the SET with this number; none when the command was refused before it wrote. */
  set(number: string): Attempt | undefined {
    return this.#sets.get(number);
  }

  /** The attempt of the key's n-th DEL; none when the key was not there. */
  deletion(key: string, n: number): Attempt | undefined {
    return this.#deletions.get(key)?.[n];
  }

  ranDeletions(key: string): number {
    return this.#deletions.get(key)?.length ?? 0;
  }

  /** A client has been told: from now on the attempt must be there after every crash, or a later one. */
  told(attempt: Attempt, what: string): void {
    if (attempt.state !== 'durable') this.accuse(`${what} left while its batch ${attempt.batch} is ${attempt.state}`);
    this.#known.set(attempt.key, Math.max(this.#known.get(attempt.key) ?? -1, attempt.index));
  }

  known(): Known {
    return new Map(this.#known);
  }

  /** Judges all that a node shows that was opened on a crash image, taken when clients knew `known`. */
  judgeImage(node: TorcNode, known: Known, name: string): void {
    const view = new ReadView();
    for (const [key, attempts] of this.#attempts) {
      const bytes = Buffer.from(key);
      const shown = node.coordinator.read(0, bytes, 0, bytes.length, view) ? shownBy(view) : undefined;
      const least = known.get(key) ?? -1;
      const right = attempts.some(({ index, value, state }) => {
        return index >= least && state !== 'refused' && value === shown;
      });
      if (right || (least < 0 && shown === undefined)) continue;
      this.accuse(`${name}: ${key} shows ${brief(shown)}; known is attempt ${least} of ${attempts.length}`);
    }
  }

  #tried(key: string, value: string | undefined, batch: number): Attempt {
    const attempts = listOf(this.#attempts, key);
    const attempt: Attempt = { key, index: attempts.length, value, batch, state: 'open' };
    attempts.push(attempt);
    this.#open.push(attempt);
    return attempt;
  }

  #judgeRead(key: string, shown: string | undefined): void {
    const newest = this.#attempts.get(key)?.findLast(({ state }) => state !== 'refused');
    if (newest?.value !== shown) this.accuse(`${key} reads ${brief(shown)}, not ${brief(newest?.value)}`);
  }
}

/** The number that a value begins with. */
export function setOf(value: string): string {
  return value.slice(0, value.indexOf(':'));
}

function shownBy(view: ReadView): string {
  return textOf(view.bytes, view.valueStart, view.valueEnd);
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

function brief(value: string | undefined): string {
  return value === undefined ? 'nothing' : `${setOf(value)} with ${value.length} bytes`;
}

function listOf<T>(lists: Map<string, T[]>, key: string): T[] {
  let list = lists.get(key);
  if (list === undefined) lists.set(key, (list = []));
  return list;
}
