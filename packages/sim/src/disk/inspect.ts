/**
 * Looking at a simulated disk, and damaging it, from outside: nothing here is counted, slow or fails.
 */
import { assert } from '@torc/base/assert';
import type { Inode } from './inode.ts';
import { PAGE_BYTES, type Pages } from './pages.ts';
import type { Volume } from './volume.ts';

export interface FileState {
  readonly path: string;
  readonly kind: 'file' | 'directory';
  /** Whether a crash would leave the name, and leave it here. */
  readonly nameIsDurable: boolean;
  readonly sizeBytes: number;
  readonly durableSizeBytes: number;
  readonly unsyncedSectors: number;
  /** Sectors of a failed sync that no later sync will write. */
  readonly forgottenSectors: number;
}

export function inspectVolume(volume: Volume): FileState[] {
  const states: FileState[] = [];
  for (const [path, entry] of volume.names) {
    const inode = entry === 'directory' ? undefined : entry;
    states.push({
      path,
      kind: inode === undefined ? 'directory' : 'file',
      nameIsDurable: volume.durableNames.get(path) === entry,
      sizeBytes: inode?.sizeBytes ?? 0,
      durableSizeBytes: inode?.durableSize ?? 0,
      unsyncedSectors: inode?.unsynced.count() ?? 0,
      forgottenSectors: inode?.forgotten.count() ?? 0,
    });
  }
  return states.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Flips a bit in both images; where they are one page they stay one. */
export function flipBit(inode: Inode, offset: number, bit: number): void {
  assert(offset >= 0 && offset < inode.sizeBytes && bit >= 0 && bit < 8, 'a bit inside the file');
  const index = Math.floor(offset / PAGE_BYTES);
  const one = inode.bytes.page(index) === inode.durable.page(index);
  flip(inode.bytes, index, offset % PAGE_BYTES, bit);
  if (one) inode.durable.adopt(index, inode.bytes.share(index));
  else flip(inode.durable, index, offset % PAGE_BYTES, bit);
}

export function volumeDigest(volume: Volume): number {
  let hash = 0x811c9dc5;
  const mix = (word: number): void => {
    hash = Math.imul(hash ^ word, 0x01000193);
  };
  for (const { path, sizeBytes, durableSizeBytes, nameIsDurable } of inspectVolume(volume)) {
    for (let i = 0; i < path.length; i++) mix(path.charCodeAt(i));
    mix(sizeBytes);
    mix(durableSizeBytes);
    mix(nameIsDurable ? 1 : 0);
    const entry = volume.names.get(path);
    if (entry === undefined || entry === 'directory') continue;
    mixBytes(entry.bytes, sizeBytes, mix);
    mixBytes(entry.durable, durableSizeBytes, mix);
  }
  return hash >>> 0;
}

function mixBytes(pages: Pages, sizeBytes: number, mix: (word: number) => void): void {
  const bytes = new Uint8Array(sizeBytes);
  pages.read(bytes, 0, sizeBytes, 0);
  for (let i = 0; i < sizeBytes; i++) mix(bytes[i] as number);
}

function flip(pages: Pages, index: number, within: number, bit: number): void {
  const page = pages.writable(index);
  page[within] = (page[within] as number) ^ (1 << bit);
}
