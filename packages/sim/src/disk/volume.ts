/**
 * The names of a disk: what the process sees, what is durable, and the changes in between.
 *
 * 1. `names` is `durableNames` with every change of `pending` applied in order.
 * 2. A change leaves `pending` when every directory it touches was synced after it (a rename between two directories
 *    needs both), or when a later one that builds on it leaves; until then a crash may keep or lose it, whole.
 * 3. A change names the entry it moves: kept without an earlier one that it builds on, it does not apply.
 * 4. `usedBytes` is the length of all files that have a name, each counted once however many names it has.
 * 5. The names of one file are equals, and live and die apart: that one is durable says nothing of another, even of the
 *    one it was linked from.
 *
 * What may go wrong: a durable name below a directory whose own entry is lost. Such names go when a disk restarts.
 */
import { DiskError } from '@torc/base/errors';
import { Inode } from './inode.ts';
import { parentOf } from './path.ts';

export type Entry = Inode | 'directory';

export type NameChange =
  | { readonly kind: 'link'; readonly path: string; readonly entry: Entry }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string; readonly entry: Entry }
  | { readonly kind: 'unlink'; readonly path: string; readonly entry: Entry };

interface Pending {
  readonly change: NameChange;
  readonly waitsFor: Set<string>;
}

export class Volume {
  readonly names: Map<string, Entry> = new Map();
  readonly durableNames: Map<string, Entry> = new Map();
  usedBytes = 0;
  #pending: Pending[] = [];

  pending(): readonly NameChange[] {
    return this.#pending.map((each) => each.change);
  }

  /** The file of that name, or a `DiskError`. */
  file(path: string): Inode {
    const entry = path === '' ? 'directory' : this.names.get(path);
    if (entry === undefined) throw new DiskError('missing', path, 'no such file');
    if (entry === 'directory') throw new DiskError('io', path, 'is a directory');
    return entry;
  }

  list(directory: string): string[] {
    this.#needDirectory(directory, directory);
    const prefix = directory === '' ? '' : `${directory}/`;
    const found: string[] = [];
    for (const path of this.names.keys()) {
      if (path.startsWith(prefix) && !path.includes('/', prefix.length)) found.push(path.slice(prefix.length));
    }
    return found.sort();
  }

  create(path: string): Inode {
    this.#needDirectory(parentOf(path), path);
    if (path === '' || this.names.has(path)) throw new DiskError('exists', path, 'already exists');
    const inode = new Inode();
    this.#change({ kind: 'link', path, entry: inode }, [parentOf(path)]);
    return inode;
  }

  rename(from: string, to: string): void {
    const inode = this.file(from);
    this.#needDirectory(parentOf(to), to);
    const replaced = this.names.get(to);
    if (replaced === 'directory' || to === '') throw new DiskError('io', to, 'is a directory');
    if (replaced === inode) return;
    if (replaced !== undefined) this.#unlinked(replaced);
    this.#change({ kind: 'rename', path: from, to, entry: inode }, [parentOf(from), parentOf(to)]);
  }

  link(from: string, to: string): void {
    if (from !== '' && !this.names.has(from)) throw new DiskError('missing', from, 'no such file');
    this.#needDirectory(parentOf(to), to);
    if (to === '' || this.names.has(to)) throw new DiskError('exists', to, 'already exists');
    const inode = this.file(from);
    inode.links++;
    this.#change({ kind: 'link', path: to, entry: inode }, [parentOf(to)]);
  }

  remove(path: string): void {
    const inode = this.file(path);
    this.#unlinked(inode);
    this.#change({ kind: 'unlink', path, entry: inode }, [parentOf(path)]);
  }

  makeDirectory(path: string): void {
    if (path === '') return;
    const entry = this.names.get(path);
    if (entry === 'directory') return;
    if (entry !== undefined) throw new DiskError('exists', path, 'is a file');
    this.makeDirectory(parentOf(path));
    this.#change({ kind: 'link', path, entry: 'directory' }, [parentOf(path)]);
  }

  /**
   * Makes durable the changes below `directory`, or of these the ones in `only`; `limit` ends it early, as a crash does.
   */
  syncDirectory(directory: string, limit: number = Number.POSITIVE_INFINITY, only?: ReadonlySet<NameChange>): void {
    this.#needDirectory(directory, directory);
    let room = limit;
    for (const { change, waitsFor } of this.#pending) {
      if (room > 0 && only?.has(change) !== false && waitsFor.delete(directory)) room--;
    }
    const durable = withWhatTheyBuildOn(this.#pending);
    for (const { change } of durable) applyChange(this.durableNames, change);
    this.#pending = this.#pending.filter((each) => !durable.has(each));
  }

  /** Every file there is, also those whose removal a crash may undo. */
  inodes(): Set<Inode> {
    const found = new Set<Inode>();
    for (const entry of this.durableNames.values()) if (entry !== 'directory') found.add(entry);
    for (const { change } of this.#pending) if (change.entry !== 'directory') found.add(change.entry);
    return found;
  }

  #needDirectory(directory: string, path: string): void {
    if (directory === '') return;
    const entry = this.names.get(directory);
    if (entry === undefined) throw new DiskError('missing', path, 'no such directory');
    if (entry !== 'directory') throw new DiskError('io', path, 'not a directory');
  }

  #unlinked(inode: Inode): void {
    inode.links--;
    if (!inode.linked) this.usedBytes -= inode.sizeBytes;
  }

  #change(change: NameChange, parents: readonly string[]): void {
    applyChange(this.names, change);
    this.#pending.push({ change, waitsFor: new Set(parents) });
  }
}

/**
 * The changes that wait for nothing any more, in order, with every earlier one that touched the same name: a journal
 * writes those no later. Otherwise an old rename would become durable on top of a removal that was synced. A file that
 * moves takes its chain of names with it; another name of the same file is no part of that chain.
 */
function withWhatTheyBuildOn(pending: readonly Pending[]): Set<Pending> {
  const touched = new Set<string>();
  const chosen: Pending[] = [];
  for (const each of pending.toReversed()) {
    const { change, waitsFor } = each;
    const touches = [change.path, change.kind === 'rename' ? change.to : change.path];
    const builtOn = touches.some((path) => touched.has(path));
    if (waitsFor.size > 0 && !builtOn) continue;
    chosen.push(each);
    for (const path of touches) touched.add(path);
  }
  return new Set(chosen.reverse());
}

/** Applies a change where it still applies. */
export function applyChange(names: Map<string, Entry>, change: NameChange): void {
  const { kind, path, entry } = change;
  if (kind === 'link') {
    if (!names.has(path)) names.set(path, entry);
    return;
  }
  if (names.get(path) !== entry) return;
  names.delete(path);
  if (kind === 'rename') names.set(change.to, entry);
}
