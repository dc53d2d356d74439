/**
 * What a crash leaves: a volume becomes another, by one of five ways to lose what was not synced.
 *
 * - `kept`: nothing is lost.
 * - `dropped`: everything unsynced is lost, names too.
 * - `random`: each unsynced sector is kept, lost or torn on its own; the file has one of the lengths it had since its
 *   sync, with zeros where the bytes below it are lost. Name changes survive up to some point, as a journal keeps them.
 * - `torn-last`: all is kept but the end of the last write, from any byte or sector on.
 * - `directories-lost`: any subset of the pending name changes, in order, those skipped that no longer apply; the
 *   bytes as in `random`.
 *
 * 1. Whatever the mode, what was synced is there: durable sectors, the durable length, durable names.
 * 2. The volume that crashed is not changed: it may be restarted many times, each time otherwise.
 * 3. Sectors that a failed sync forgot are lost in every mode.
 * 4. Names that were one file are one file afterwards, and show one loss.
 */
import type { SimRandom } from '../random.ts';
import { Inode } from './inode.ts';
import { ALL_SECTORS, type Pages, SECTOR_BYTES, SECTORS_PER_PAGE } from './pages.ts';
import { parentOf } from './path.ts';
import { applyChange, type Entry, type NameChange, Volume } from './volume.ts';

export const LOSS_MODES = ['kept', 'dropped', 'random', 'torn-last', 'directories-lost'] as const;
export type LossMode = (typeof LOSS_MODES)[number];

export function survive(crashed: Volume, mode: LossMode, random: SimRandom): Volume {
  const names = new Map(crashed.durableNames);
  for (const change of keptChanges(crashed.pending(), mode, random)) applyChange(names, change);
  const torn = mode === 'torn-last' ? lastWritten(crashed) : undefined;
  const next = new Volume();
  const survivors = new Map<Inode, Inode>();
  for (const [path, entry] of names) {
    if (!reachable(names, path)) continue;
    if (entry === 'directory') {
      place(next, path, entry);
      continue;
    }
    let survivor = survivors.get(entry);
    if (survivor === undefined) {
      survivor = survivingFile(entry, mode, entry === torn, random);
      survivors.set(entry, survivor);
      next.usedBytes += survivor.sizeBytes;
    } else {
      survivor.links++;
    }
    place(next, path, survivor);
  }
  return next;
}

function place(volume: Volume, path: string, entry: Entry): void {
  volume.names.set(path, entry);
  volume.durableNames.set(path, entry);
}

function keptChanges(pending: readonly NameChange[], mode: LossMode, random: SimRandom): readonly NameChange[] {
  switch (mode) {
    case 'kept':
    case 'torn-last':
      return pending;
    case 'dropped':
      return [];
    case 'random':
      return pending.slice(0, random.below(pending.length + 1));
    case 'directories-lost': {
      const bias = random.pick(BIASES);
      return pending.filter(() => random.chance(bias));
    }
  }
}

/** A run of coins with one bias each: nearly all kept, nearly all lost, or half. */
const BIASES: readonly number[] = [0.1, 0.5, 0.9];

function survivingFile(inode: Inode, mode: LossMode, tearLast: boolean, random: SimRandom): Inode {
  const pages = inode.durable.clone();
  if (mode === 'dropped') return new Inode(pages, inode.durableSize);
  if (mode === 'random' || mode === 'directories-lost') {
    keepSome(inode, pages, random);
    return new Inode(pages, survivingSize(inode, random));
  }
  for (const [page, mask] of inode.unsynced.entries()) {
    if (mask === ALL_SECTORS) pages.adopt(page, inode.bytes.share(page));
    else pages.copySectors(page, mask, inode.bytes.page(page));
  }
  return new Inode(pages, tearLast ? takeBack(inode, pages, random) : inode.sizeBytes);
}

/** The new length without the bytes, the old one with them, or one in between. */
function survivingSize(inode: Inode, random: SimRandom): number {
  if (random.chance(0.5)) return inode.sizeBytes;
  return random.pick([inode.durableSize, ...inode.sizes]);
}

function keepSome(inode: Inode, pages: Pages, random: SimRandom): void {
  const bias = random.pick(BIASES);
  for (const [page, mask] of inode.unsynced.entries()) {
    const visible = inode.bytes.page(page);
    let kept = 0;
    for (let sector = 0; sector < SECTORS_PER_PAGE; sector++) {
      if ((mask & (1 << sector)) === 0) continue;
      if (random.chance(TEAR_CHANCE)) tear(pages, page, sector, visible, random);
      else if (random.chance(bias)) kept |= 1 << sector;
    }
    pages.copySectors(page, kept, visible);
  }
}

const TEAR_CHANCE = 0.1;

/** New bytes up to some point of the sector, old ones behind it, or the other way round. */
function tear(pages: Pages, page: number, sector: number, visible: Uint8Array | undefined, random: SimRandom): void {
  const base = sector * SECTOR_BYTES;
  const cut = base + 1 + random.below(SECTOR_BYTES - 1);
  const [from, to] = random.chance(0.75) ? [base, cut] : [cut, base + SECTOR_BYTES];
  const into = pages.writable(page);
  if (visible === undefined) into.fill(0, from, to);
  else into.set(visible.subarray(from, to), from);
}

function lastWritten(volume: Volume): Inode | undefined {
  let last: Inode | undefined;
  for (const inode of volume.inodes()) {
    if (inode.lastWrite === undefined) continue;
    if (last?.lastWrite === undefined || inode.lastWrite.order > last.lastWrite.order) last = inode;
  }
  return last;
}

/** Takes the last write back from some byte on, whole sectors half of the time; gives the length that is left. */
function takeBack(inode: Inode, pages: Pages, random: SimRandom): number {
  const { lastWrite } = inode;
  if (lastWrite === undefined) return inode.sizeBytes;
  const { position, length, before, sizeBefore } = lastWrite;
  let keep = random.below(length);
  if (random.chance(0.5)) keep = Math.max(0, Math.floor((position + keep) / SECTOR_BYTES) * SECTOR_BYTES - position);
  if (keep < before.length) pages.write(before, keep, before.length - keep, position + keep);
  // Past what stood there before, the file simply ends earlier.
  return keep < before.length ? sizeBefore : Math.max(sizeBefore, position + keep);
}

function reachable(names: ReadonlyMap<string, Entry>, path: string): boolean {
  for (let above = parentOf(path); above !== ''; above = parentOf(above)) {
    if (names.get(above) !== 'directory') return false;
  }
  return true;
}
