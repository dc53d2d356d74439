/** Directories kept as fixtures: their files, and a listing of what an engine must find in them. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Engine } from '../../src/engine.ts';
import { keyOf, recordUnder, World } from './world.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url);

/** A world whose disk holds the files of that directory, durably. */
export function worldWith(directory: string): World {
  const world = new World({ seed: directory });
  for (const name of readdirSync(new URL(`${directory}/`, FIXTURES))) {
    const bytes = new Uint8Array(readFileSync(new URL(`${directory}/${name}`, FIXTURES)));
    const file = world.disk.create(name);
    file.writeNow(bytes, 0, bytes.length, 0);
    file.syncNow();
    file.close();
  }
  world.disk.syncDirectory('');
  return world;
}

/** What the directory must hold, as `listingOf` would write it. */
export function expectedListing(directory: string): string[] {
  return readFileSync(new URL(`${directory}.txt`, FIXTURES), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** What an engine holds: `state <name>: <value>` and `<bucket> <key>, <record>` for the names and keys of a listing. */
export function listingOf(engine: Engine, expected: readonly string[]): string[] {
  return expected.map((line) => {
    const state = /^state (\d+): /.exec(line);
    if (state !== null) return `state ${state[1]}: ${engine.state(Number(state[1]))}`;
    const [, bucket, key] = /^(\d+) ([^,]*), /.exec(line) as unknown as [string, string, string];
    return `${bucket} ${key}, ${describe(engine, Number(bucket), key)}`;
  });
}

function describe(engine: Engine, bucket: number, key: string): string {
  const record = recordUnder(engine, keyOf(key, bucket));
  if (record === undefined) return 'absent';
  return record.siblings
    .map(({ dot, tombstone, expiresAtMs, value }) => {
      const expiry = expiresAtMs === undefined ? '' : ` until ${expiresAtMs}`;
      return tombstone === true ? `deleted at ${dot.stamp}` : `written at ${dot.stamp}${expiry}: ${text(value)}`;
    })
    .join(' and ');
}

/** How many values a listing has in a bucket. */
export function valuesIn(expected: readonly string[], bucket: number): number {
  return expected.filter((line) => line.startsWith(`${bucket} `) && /^[^,]*, written/.test(line)).length;
}

/** Every key of an engine, in its order. */
export function keysOf(engine: Engine): string[] {
  const snapshot = engine.snapshots.take();
  const cursor = snapshot.cursor();
  const keys: string[] = [];
  const start = new Uint8Array(0);
  let code = cursor.seek(start, 0, 0);
  for (;;) {
    while (code === 2) {
      if (cursor.wants === undefined) throw new Error('a cursor that needs the disk says what it wants');
      cursor.provide(engine.parts.blocks.loadNow(cursor.wants));
      code = keys.length === 0 ? cursor.seek(start, 0, 0) : cursor.next();
    }
    if (code === 0) break;
    const { keyBytes, keyStart, keyEnd } = cursor;
    const bucket = ((keyBytes[keyStart] as number) << 8) | (keyBytes[keyStart + 1] as number);
    keys.push(`${bucket} ${text(keyBytes.subarray(keyStart + 6, keyEnd))}`);
    code = cursor.next();
  }
  snapshot.close();
  return keys;
}

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
