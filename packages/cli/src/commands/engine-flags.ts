/** The engine's settings as flags of `torc start`. What each does: `docs/operating/limits.md`. */
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '@torc/storage/options';
import { Option } from 'commander';
import { parseShare, parseSize, parseWhole, sizeText } from './flag-values.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const CODECS = ['none', 'lz4', 'deflate'] as const;

/** The memory of memtables: one takes writes, two are on their way to tables. */
const MEMTABLES = 3;
/** A memtable that nobody sized has at most this share of the budget. */
const MEMTABLE_SHARE = 1 / 8;

export interface EngineFlags {
  readonly memory: number;
  readonly memtable?: number;
  readonly logBytes: number;
  readonly blockBytes: number;
  readonly filterBits: number;
  readonly codec: (typeof CODECS)[number];
  readonly bottomCodec: (typeof CODECS)[number];
  readonly tableBytes: number;
  readonly tierRuns: number;
  readonly upperShare: number;
  readonly compactionRate: number;
  readonly scrubRate: number;
  readonly reserve: number;
  readonly syncEvery: number;
}

export function engineFlags(): readonly Option[] {
  const usual = DEFAULT_ENGINE_OPTIONS;
  const rate = 'bytes a second; 0 for no limit';
  return [
    size('--memory <size>', 'budget for memtables, indexes and caches', usual.memoryBytes, [MIB, 1024 * GIB]),
    new Option(
      '--memtable <size>',
      `memory for writes that are in no table yet, three at most (default: ${sizeText(usual.memtableBytes)}, or an eighth of --memory if that is less)`,
    ).argParser((text) => parseSize(text, 64 * KIB, 4 * GIB)),
    size('--log-bytes <size>', 'log that a start may have to read', usual.logBytes, [MIB, 64 * GIB]),
    size('--block-bytes <size>', 'data block of a table, before compression', usual.blockBytes, [256, 4 * MIB]),
    new Option('--filter-bits <bits>', 'Bloom filter, bits a key; 0 for none')
      .default(usual.filterBitsPerKey)
      .argParser((text) => parseWhole(text, 0, 40)),
    codec('--codec <codec>', 'of tables above the bottom', usual.codec),
    codec('--bottom-codec <codec>', 'of tables at the bottom', usual.bottomCodec),
    size('--table-bytes <size>', 'where a compaction begins the next table', usual.tableBytes, [64 * KIB, 4 * GIB]),
    new Option('--tier-runs <count>', 'runs of like size that are merged into one')
      .default(usual.tierRuns)
      .argParser((text) => parseWhole(text, 2, 32)),
    new Option('--upper-share <share>', 'size of the upper runs, as a share of the bottom, that begins a merge into it')
      .default(usual.upperShare)
      .argParser((text) => parseShare(text, 0.01, 4)),
    size(
      '--compaction-rate <size>',
      `what compactions write while nothing is behind, ${rate}`,
      usual.compactionBytesPerSecond,
      [0, 64 * GIB],
    ),
    size('--scrub-rate <size>', 'what the scrub reads, bytes a second; 0 for no scrub', usual.scrubBytesPerSecond, [
      0,
      64 * GIB,
    ]),
    size('--reserve <size>', 'disk kept back for deletes and compactions on a full disk', usual.reserveBytes, [
      0,
      64 * GIB,
    ]),
    new Option(
      '--sync-every <ms>',
      '0: synced before it is answered; else answered when written, and synced so much later at most: a power failure then loses acknowledged writes',
    )
      .default(usual.syncEveryMs)
      .argParser((text) => parseWhole(text, 0, 60_000)),
  ];
}

/** The settings that the flags ask for; or, as text, why they do not go together. */
export function engineSettings(flags: EngineFlags): Partial<EngineOptions> | string {
  const memoryBytes = flags.memory;
  const usual = Math.min(DEFAULT_ENGINE_OPTIONS.memtableBytes, Math.floor(memoryBytes * MEMTABLE_SHARE));
  const memtableBytes = flags.memtable ?? usual;
  if (memtableBytes * MEMTABLES > memoryBytes) {
    return `--memory ${sizeText(memoryBytes)} is less than three memtables of ${sizeText(memtableBytes)}: raise it, or lower --memtable`;
  }
  return {
    memoryBytes,
    memtableBytes,
    logBytes: flags.logBytes,
    blockBytes: flags.blockBytes,
    filterBitsPerKey: flags.filterBits,
    codec: codecNumber(flags.codec),
    bottomCodec: codecNumber(flags.bottomCodec),
    tableBytes: flags.tableBytes,
    tierRuns: flags.tierRuns,
    upperShare: flags.upperShare,
    compactionBytesPerSecond: flags.compactionRate,
    scrubBytesPerSecond: flags.scrubRate,
    reserveBytes: flags.reserve,
    syncEveryMs: flags.syncEvery,
  };
}

function size(flag: string, what: string, usual: number, [least, most]: readonly [number, number]): Option {
  return new Option(flag, what).default(usual, sizeText(usual)).argParser((text) => parseSize(text, least, most));
}

function codec(flag: string, what: string, usual: 0 | 1 | 2): Option {
  return new Option(flag, `compression ${what}`).choices(CODECS).default(CODECS[usual]);
}

function codecNumber(name: EngineFlags['codec']): 0 | 1 | 2 {
  if (name === 'none') return 0;
  return name === 'lz4' ? 1 : 2;
}
