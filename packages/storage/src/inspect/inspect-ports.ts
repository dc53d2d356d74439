/** What an inspection works with. It never writes: of the disk it only opens, lists and reads. */
import type { Compressor } from '@torc/base/ports/compressor';
import type { Disk } from '@torc/base/ports/disk';
import type { Random } from '@torc/base/ports/random';

export interface InspectPorts {
  readonly disk: Disk;
  readonly compressor: Compressor;
  /** For the absent keys that filters are asked for. */
  readonly random: Random;
}

export interface InspectOptions {
  /** At most so many blocks of data are read of each table, evenly spread. */
  readonly blocks: number;
  /** So many absent keys each table's filters are asked for; 0 for none. */
  readonly probes: number;
  /** So many entries are shown, from the first. */
  readonly entries: number;
}
