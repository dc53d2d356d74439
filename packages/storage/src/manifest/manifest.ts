/**
 * The manifest: a checksummed log of version edits, the only truth of which tables live.
 *
 * Invariants:
 * 1. The highest-numbered manifest is the truth. It was whole and durable before it had its name; older ones go only when
 *    its name is durable. Whatever it takes, a start writes a fresh one first: what was read may stand only in the page
 *    cache of a kernel that once failed to sync it.
 * 2. Edits are written and synced one after another, off the turn. `contents` changes when an edit is durable, not before.
 * 3. After a failed sync, or a roll whose name may or may not be there, nothing is appended for good. After a full disk the
 *    file ends with its last whole frame and later edits may succeed.
 */
import { assert } from '@torc/base/assert';
import { DiskError, Refusal } from '@torc/base/errors';
import type { FilePorts } from '../commit-log/log-file.ts';
import { manifestName } from '../commit-log/names.ts';
import type { DamagePolicy } from '../commit-log/salvage.ts';
import { applyEdit } from './contents.ts';
import type { ManifestContents, VersionEdit } from './edit.ts';
import { ManifestFile } from './manifest-file.ts';
import { recoverManifest, type RecoveredManifest } from './manifest-recovery.ts';

/** A new file is made when the current one is larger than this, and than its snapshot by this factor. */
const ROLL_ABOVE_BYTES = 1024 * 1024;
const ROLL_ABOVE_SNAPSHOTS = 4;

export class Manifest {
  /** What the start found. */
  readonly recovered: Omit<RecoveredManifest, 'contents'>;
  readonly #ports: FilePorts;
  readonly #rollAboveBytes: number;
  #contents: ManifestContents;
  #file: ManifestFile;
  #number: number;
  #rollAtBytes = 0;
  /** Those that the current one stands for and that could not be removed yet. */
  #older: readonly number[];
  #stopped: DiskError | undefined;
  /** Settles, and never rejects, when all appends so far have. */
  #tail: Promise<unknown> = Promise.resolve();
  #pending = 0;
  #isClosed = false;

  private constructor(ports: FilePorts, recovered: RecoveredManifest, rollAboveBytes: number) {
    this.#ports = ports;
    const { contents, ...found } = recovered;
    this.recovered = found;
    this.#contents = contents;
    this.#rollAboveBytes = rollAboveBytes;
    this.#number = (recovered.numbers.at(-1) ?? 0) + 1;
    this.#file = ManifestFile.make(ports, manifestName(this.#number), contents);
    this.#planRoll();
    this.#older = recovered.numbers;
    if (recovered.salvaged) this.#keepAside();
    else this.#removeOlder();
  }

  /** Recovers, and writes the fresh manifest. */
  static open(ports: FilePorts, policy: DamagePolicy, rollAboveBytes: number = ROLL_ABOVE_BYTES): Manifest {
    return Manifest.begin(ports, recoverManifest(ports, policy), rollAboveBytes);
  }

  /**
   * Writes the fresh manifest alone. Once it is there the next start meets no damage any more: a salvage calls this when
   * the rest of what it read has been reported.
   */
  static begin(ports: FilePorts, recovered: RecoveredManifest, rollAboveBytes: number = ROLL_ABOVE_BYTES): Manifest {
    return new Manifest(ports, recovered, rollAboveBytes);
  }

  /** What is durable. */
  get contents(): ManifestContents {
    return this.#contents;
  }

  /** Whether it takes nothing more: its last edit may be durable or not, and nobody can say. */
  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  get number(): number {
    return this.#number;
  }

  get bytes(): number {
    return this.#file.endBytes;
  }

  /**
   * Resolves when the edit is durable. It rejects with a `DiskError` `full` when there is no room, and may be tried again;
   * with any other when the manifest has stopped; with an `InvariantError` when it does not fit the contents. The edit
   * stays as it is until then. One that rests on what earlier ones came to is given as a function: it is called when all
   * before it have ended, and whoever waited for those has gone on.
   */
  append(edit: VersionEdit | (() => VersionEdit)): Promise<void> {
    assert(!this.#isClosed, 'manifest: appended to after close');
    this.#pending += 1;
    const done = this.#tail.then(() => this.#appendNext(edit));
    this.#tail = Promise.allSettled([done]).then(() => {
      this.#pending -= 1;
    });
    return done;
  }

  /** Resolves when all appends so far have ended, well or not. */
  async settle(): Promise<void> {
    await this.#tail;
  }

  /** Marks the clean end, and closes. No append may be under way. A manifest that stopped is only closed. */
  close(): void {
    assert(this.#pending === 0, 'manifest: closed while an append is under way');
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      if (this.#stopped === undefined) this.#file.markClosed();
    } catch (error) {
      // Without the mark the next start cannot tell a flipped bit in the last edit from a torn tail. Nothing is lost.
      if (!(error instanceof DiskError)) throw error;
    }
    this.#file.close();
  }

  async #appendNext(given: VersionEdit | (() => VersionEdit)): Promise<void> {
    if (this.#stopped !== undefined) throw new Refusal('stopped', `the manifest stopped: ${this.#stopped.message}`);
    const edit = typeof given === 'function' ? given() : given;
    const contents = applyEdit(this.#contents, edit);
    const rolls = this.#file.endBytes > this.#rollAtBytes || this.#ports.probe.cruel('manifest-roll');
    if (rolls) await this.#roll();
    await this.#write(edit);
    await this.#orStop(this.#file.sync());
    this.#contents = contents;
  }

  async #write(edit: VersionEdit): Promise<void> {
    try {
      await this.#file.append(edit);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (error.code !== 'full') throw this.#stop(error);
      this.#cutBack();
      throw error;
    }
  }

  #cutBack(): void {
    try {
      this.#file.cutBack();
      this.#ports.probe.reached('manifest-cut-back');
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      throw this.#stop(error);
    }
  }

  /** Goes on in a new file, which begins with all of the contents. Without room for it the old one does. */
  async #roll(): Promise<void> {
    const number = this.#number + 1;
    let next: ManifestFile;
    try {
      next = await ManifestFile.prepareLater(this.#ports, manifestName(number), this.#contents);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (error.code !== 'full') throw this.#stop(error);
      this.#rollAtBytes = this.#file.endBytes + this.#rollAboveBytes;
      this.#ports.probe.reached('manifest-roll-put-off');
      return;
    }
    // From here the new one may be there under its name: an edit in the old one would be lost.
    await this.#orStop(next.publishLater());
    this.#file.close();
    this.#older = [...this.#older, this.#number];
    this.#file = next;
    this.#number = number;
    this.#planRoll();
    this.#ports.probe.reached('manifest-rolled');
    this.#removeOlder();
  }

  #planRoll(): void {
    this.#rollAtBytes = Math.max(this.#rollAboveBytes, ROLL_ABOVE_SNAPSHOTS * this.#file.snapshotBytes);
  }

  /** One that cannot be removed is in nobody's way: the highest number counts. The next roll or start tries again. */
  #removeOlder(): void {
    this.#older = this.#older.filter((number) => {
      try {
        this.#ports.disk.remove(manifestName(number));
        return false;
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        return error.code !== 'missing';
      }
    });
  }

  #keepAside(): void {
    const { disk } = this.#ports;
    for (const number of this.#older) disk.rename(manifestName(number), `salvaged-${manifestName(number)}`);
    this.#older = [];
  }

  async #orStop(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      throw this.#stop(error);
    }
  }

  #stop(error: DiskError): DiskError {
    this.#stopped ??= error;
    return error;
  }
}

/** A manifest with these contents in another directory, durable when this resolves: for a checkpoint. */
export async function writeSnapshotManifest(ports: FilePorts, path: string, contents: ManifestContents): Promise<void> {
  const file = await ManifestFile.prepareLater(ports, path, contents);
  await file.publishLater();
  file.close();
}
