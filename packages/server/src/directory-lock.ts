/**
 * One process per directory: a file `LOCK` that names its holder.
 *
 * 1. `LOCK` never exists without its whole content: it is written under another name and linked, and a link fails when
 *    the name is taken. So of two processes that find no lock exactly one gets it.
 * 2. A holder is alive when its pid is, with the same start time and boot (`lock-holder.ts`).
 * 3. A stale lock is taken over under a second lock, `LOCK.takeover`, so that nobody removes a lock that another has
 *    just taken. A holder of that which died in its few microseconds is itself found stale.
 * 4. `release` removes the file only while it still names this holder.
 *
 * What may go wrong: two containers with pid namespaces of their own do not see each other's processes; whoever mounts
 * one directory in both breaks this. Without /proc (not Linux) a reused pid looks alive: the error says what to remove.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiskError } from '@torc/base/errors';
import { codeOf, type Holder, isAlive, LOCK_NAME, readHolder, thisProcess } from './lock-holder.ts';

export class DirectoryLock {
  readonly #path: string;
  readonly #holder: Holder;

  private constructor(path: string, holder: Holder) {
    this.#path = path;
    this.#holder = holder;
  }

  /** Takes the lock of a directory that exists. Held by a live process: `DiskError` `busy`, which names both. */
  static acquire(directory: string): DirectoryLock {
    const path = join(directory, LOCK_NAME);
    const holder = thisProcess(nonce());
    if (!linkLock(path, holder)) takeOver(directory, path, holder);
    return new DirectoryLock(path, holder);
  }

  release(): void {
    if (readHolder(this.#path)?.nonce === this.#holder.nonce) removeIfThere(this.#path);
  }
}

/** Replaces the lock of a dead holder; throws when the holder lives. */
function takeOver(directory: string, path: string, holder: Holder): void {
  refuseIfAlive(directory, path, 'is in use by');
  const guard = `${path}.takeover`;
  if (!linkLock(guard, holder)) {
    refuseIfAlive(directory, guard, 'is being taken over by');
    removeStaleGuard(directory, guard);
    if (!linkLock(guard, holder)) throw busy(directory, 'is being taken over by', readHolder(guard));
  }
  try {
    // Only now nobody else removes anything: what was found before may have been replaced meanwhile.
    refuseIfAlive(directory, path, 'is in use by');
    removeIfThere(path);
    if (!linkLock(path, holder)) throw busy(directory, 'is in use by', readHolder(path));
  } finally {
    removeIfThere(guard);
  }
}

/** Moves the guard aside before it is removed, and puts it back if it was another's by then. */
function removeStaleGuard(directory: string, guard: string): void {
  const aside = `${guard}.${process.pid}.${nonce()}`;
  try {
    renameSync(guard, aside);
  } catch (error: unknown) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  const lives = moved !== undefined && isAlive(moved);
  if (lives) linkIfFree(aside, guard);
  removeIfThere(aside);
  if (lives) throw busy(directory, 'is being taken over by', moved);
}

/** True: the lock is ours. False: the name is taken. */
function linkLock(path: string, holder: Holder): boolean {
  const own = `${path}.${holder.pid}.${holder.nonce}`;
  writeFileSync(own, `${JSON.stringify(holder)}\n`, { flag: 'wx' });
  try {
    return linkIfFree(own, path);
  } finally {
    removeIfThere(own);
  }
}

function linkIfFree(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error: unknown) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function refuseIfAlive(directory: string, path: string, how: string): void {
  const holder = readHolder(path);
  if (holder !== undefined && isAlive(holder)) throw busy(directory, how, holder);
}

function busy(directory: string, how: string, holder: Holder | undefined): DiskError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid}`;
  return new DiskError(
    'busy',
    directory,
    `${how} ${who}; if that is no node of Torc, remove ${join(directory, LOCK_NAME)}`,
  );
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error: unknown) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function nonce(): string {
  return randomBytes(8).toString('hex');
}
