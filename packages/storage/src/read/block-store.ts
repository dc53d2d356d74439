/**
 * Blocks in memory, and the way to the disk for those that are not: in the turn while reads are fast, else on the pool.
 *
 * What a load brought is held until its reader has used it (`hold`, `letGo`): so a load makes progress even when the
 * cache has no room for what it needs.
 */
import type { Clock } from '@torc/base/ports/clock';
import type { Compressor } from '@torc/base/ports/compressor';
import type { Probe } from '@torc/base/ports/probe';
import type { BlockCache } from '../cache/block-cache.ts';
import { BlockRoom, readBlockInto, readBlockLater, readBlockNow } from '../sstable/block-io.ts';
import type { BlockHandle, BlockOwner, BlockSource } from '../sstable/block-source.ts';
import type { Table } from '../sstable/table.ts';
import type { BlockWant } from './cursor.ts';
import { ReadPace } from './read-pace.ts';

export interface BlockStorePorts {
  readonly clock: Clock;
  readonly compressor: Compressor;
  readonly probe: Probe;
}

/** So long may reads block one turn; then the rest goes to the pool. */
const TURN_READ_MS = 2;

export class BlockStore implements BlockSource {
  readonly pace: ReadPace = new ReadPace();
  readonly #ports: BlockStorePorts;
  readonly #cache: BlockCache;
  readonly #room = new BlockRoom();
  readonly #held = new Map<string, { readonly block: Uint8Array; holders: number }>();
  readonly #loading = new Map<string, Promise<Uint8Array>>();
  readonly #turnEnded = (): void => {
    this.#turnMs = 0;
    this.#cache.turnEnded();
    this.#inTurn = false;
  };
  #inTurn = false;
  #turnMs = 0;
  #diskReads = 0;
  #diskBytes = 0;

  constructor(ports: BlockStorePorts, cache: BlockCache) {
    this.#ports = ports;
    this.#cache = cache;
  }

  get diskReads(): number {
    return this.#diskReads;
  }

  get diskBytes(): number {
    return this.#diskBytes;
  }

  peek(owner: BlockOwner, handle: BlockHandle): Uint8Array | undefined {
    const block = this.#cache.get(owner.number, handle.offset);
    if (block !== undefined || this.#held.size === 0) return block;
    return this.#held.get(nameOf(owner, handle))?.block;
  }

  /** Whether a read of the disk may block this turn. */
  get mayBlock(): boolean {
    return this.pace.inTurn && this.#turnMs < TURN_READ_MS && !this.#ports.probe.cruel('read-on-the-pool');
  }

  /** Reads a block in this turn, and keeps it in the cache. It stays as it is for the rest of the turn. */
  loadNow(want: BlockWant): Uint8Array {
    const { owner, handle } = want;
    const began = this.#ports.clock.monotonicMs();
    const block = readBlockInto(this.#room, fileOf(owner), owner, handle, this.#ports.compressor);
    this.#measure(began);
    return this.#keep(owner, handle, block) ?? block.slice();
  }

  /** As `loadNow`, for whoever needs the block beyond the turn. */
  loadToHold({ owner, handle }: BlockWant): Uint8Array {
    const began = this.#ports.clock.monotonicMs();
    const block = readBlockNow(fileOf(owner), owner, handle, this.#ports.compressor);
    this.#measure(began);
    this.#keep(owner, handle, block);
    return block;
  }

  #measure(began: number): void {
    const took = this.#ports.clock.monotonicMs() - began;
    this.pace.observe(took);
    this.#turnMs += took;
  }

  /** Reads a block on the pool; readers that want the same one share the read. */
  loadLater({ owner, handle }: BlockWant): Promise<Uint8Array> {
    const name = nameOf(owner, handle);
    const loading = this.#loading.get(name);
    if (loading !== undefined) return loading;
    this.#ports.probe.reached('read-on-the-pool');
    const load = readBlockLater(fileOf(owner), owner, handle, this.#ports.compressor)
      .then((block) => {
        this.#keep(owner, handle, block);
        return block;
      })
      .finally(() => this.#loading.delete(name));
    this.#loading.set(name, load);
    return load;
  }

  /** Keeps a block in reach of `peek`, whatever the cache does, until `letGo`. */
  hold({ owner, handle }: BlockWant, block: Uint8Array): void {
    const name = nameOf(owner, handle);
    const held = this.#held.get(name);
    if (held === undefined) this.#held.set(name, { block, holders: 1 });
    else held.holders += 1;
  }

  letGo({ owner, handle }: BlockWant): void {
    const name = nameOf(owner, handle);
    const held = this.#held.get(name);
    if (held === undefined) return;
    held.holders -= 1;
    if (held.holders === 0) this.#held.delete(name);
  }

  /** The cache keeps a copy, and answers it: it stays as it is for the rest of the turn. */
  #keep(owner: BlockOwner, handle: BlockHandle, block: Uint8Array): Uint8Array | undefined {
    if (!this.#inTurn) {
      this.#inTurn = true;
      this.#ports.clock.onTurnEnd(this.#turnEnded);
    }
    this.#diskReads += 1;
    this.#diskBytes += handle.storedBytes;
    return this.#cache.put(owner.number, handle.offset, block);
  }
}

function nameOf(owner: BlockOwner, handle: BlockHandle): string {
  return `${owner.number} ${handle.offset}`;
}

/** Every owner of blocks in an engine is an open table. */
function fileOf(owner: BlockOwner): Table['file'] {
  return (owner as Table).file;
}
