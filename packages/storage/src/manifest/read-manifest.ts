/** A manifest as it stands in its file, for offline inspection: nothing is judged but the bytes, nothing is changed. */
import { DamageError } from '@torc/base/errors';
import type { Disk } from '@torc/base/ports/disk';
import { frameBytes } from '../commit-log/frame.ts';
import type { DecodedEdit } from './edit-codec.ts';
import { ManifestScan } from './manifest-scan.ts';

export interface ManifestEntry extends DecodedEdit {
  /** From 1, the snapshot. */
  readonly frame: number;
  readonly offset: number;
  readonly sizeBytes: number;
  /** Below this everything was durable when the frame was written. */
  readonly syncedBytes: number;
}

/** `whole`: the last frame ends the file. `torn`: bytes follow that a crash may leave. */
export type ManifestEnd = 'closed' | 'whole' | 'torn' | 'damaged';

export interface ManifestReading {
  readonly path: string;
  /** 0 when the header is damaged. */
  readonly number: number;
  readonly fileBytes: number;
  readonly entries: readonly ManifestEntry[];
  readonly endBytes: number;
  readonly end: ManifestEnd;
  /** When damaged: where and how. */
  readonly damage?: DamageError;
}

export function readManifest(disk: Disk, path: string): ManifestReading {
  const entries: ManifestEntry[] = [];
  let scan: ManifestScan | undefined;
  try {
    scan = new ManifestScan(disk, path);
    for (const place of scan.places) {
      const { offset, frame } = place;
      const sizeBytes = frameBytes(frame.payloadBytes);
      entries.push({ ...scan.decode(place), frame: frame.batch, offset, sizeBytes, syncedBytes: frame.synced });
    }
    if (scan.damage !== undefined) throw scan.damage;
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    const fileBytes = scan?.fileBytes ?? sizeOf(disk, path);
    return {
      path,
      number: scan?.number ?? 0,
      fileBytes,
      entries,
      endBytes: error.offset,
      end: 'damaged',
      damage: error,
    };
  }
  const { number, fileBytes, endBytes } = scan;
  return { path, number, fileBytes, entries, endBytes, end: endOf(scan) };
}

function endOf(scan: ManifestScan): ManifestEnd {
  if (scan.tailBytes > 0) return 'torn';
  return scan.isClosed ? 'closed' : 'whole';
}

function sizeOf(disk: Disk, path: string): number {
  const file = disk.open(path);
  const sizeBytes = file.sizeBytes();
  file.close();
  return sizeBytes;
}
