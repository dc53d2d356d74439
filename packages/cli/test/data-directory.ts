/** A data directory on the real disk, put together from its pieces; and the command line run on it. */
import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asciiBytes } from '@torc/base/bytes';
import { positionOf } from '@torc/base/position';
import { SILENT_PROBE } from '@torc/base/ports/probe';
import { encodeRecord } from '@torc/base/record/codec';
import { NativeCompressor } from '@torc/server/compressor-native';
import { FsDisk } from '@torc/server/disk-fs';
import { SystemRandom } from '@torc/server/random-system';
import { ENTRY_WHOLE } from '@torc/storage/commit-log/entry';
import { LogRecovery } from '@torc/storage/commit-log/recovery';
import { DamagePolicy } from '@torc/storage/commit-log/salvage';
import { KEY_PREFIX_BYTES, writeKeyPrefix } from '@torc/storage/key';
import { Manifest } from '@torc/storage/manifest/manifest';
import { tableName } from '@torc/storage/sstable/names';
import type { TableMeta } from '@torc/storage/sstable/table-meta';
import { TableWriter } from '@torc/storage/sstable/table-writer';

const checkout = fileURLToPath(new URL('../../../', import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function torc(...args: string[]): Promise<Ran> {
  const all = ['--conditions=torc-src', 'packages/cli/src/main.ts', ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { cwd: checkout, encoding: 'utf8' }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** Two tables of one tag, a log without batches, stopped cleanly. */
export async function makeDirectory(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'torc-cli-'));
  const ports = { disk: new FsDisk(folder), random: new SystemRandom(new Uint8Array(32)), probe: SILENT_PROBE };
  const manifest = Manifest.open(ports, new DamagePolicy(false));
  const metas = [writeTable(ports.disk, manifest, 1, 0), writeTable(ports.disk, manifest, 2, 500)];
  const log = new LogRecovery(ports, new DamagePolicy(false), { record: () => {}, state: () => {} }).run(0);
  log.file.close();
  await manifest.append({
    put: metas.map((meta) => ({ rank: 0, meta, holes: [], damaged: [] })),
    logFloor: 1,
    state: new Map([
      [1, 123456],
      [2, 3],
      [4, Date.UTC(2026, 0, 2)],
    ]),
    counts: new Map([[0, 1000]]),
    nextTable: 3,
  });
  await manifest.settle();
  manifest.close();
  return folder;
}

function writeTable(disk: FsDisk, manifest: Manifest, number: number, from: number): TableMeta {
  const { hashKey0, hashKey1 } = manifest.contents;
  const settings = { blockBytes: 4096, filterBitsPerKey: 10, codec: 1, hashKey0, hashKey1 } as const;
  const file = { number, path: tableName(number), nonceLow: number, nonceHigh: 7 };
  const writer = new TableWriter({ disk, compressor: new NativeCompressor({ plain: true }) }, file, settings);
  for (let i = from; i < from + 500; i += 1) {
    const name = asciiBytes(`{user}:${String(i).padStart(5, '0')}`);
    const key = new Uint8Array(KEY_PREFIX_BYTES + name.length);
    writeKeyPrefix(key, 0, 0, positionOf(name, 0, name.length));
    key.set(name, KEY_PREFIX_BYTES);
    const dot = { actor: 1, stamp: 1000 + i };
    const value = asciiBytes(`{"name":"somebody","number":${i},"likes":"keys and values, keys and values"}`);
    const clock = [{ actor: 1, since: 1, upto: dot.stamp }];
    const record = encodeRecord({ clock, siblings: [{ dot, value }] });
    writer.add(ENTRY_WHOLE, key, 0, key.length, record, 0, record.length);
  }
  return writer.finish();
}
