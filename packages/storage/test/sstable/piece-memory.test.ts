/** Pieces: whoever writes or reads a table gives back what he took, and the next one gets it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRecord } from '@torc/base/record/codec';
import { SILENT_PROBE } from '@torc/base/ports/probe';
import { SimRandom } from '@torc/sim/random';
import { ENTRY_WHOLE } from '../../src/commit-log/entry.ts';
import { ReadAhead } from '../../src/jobs/read-ahead.ts';
import { AT_END } from '../../src/read/cursor.ts';
import { PIECE_BYTES, PieceMemory } from '../../src/sstable/piece-memory.ts';
import { TableCursor } from '../../src/sstable/table-cursor.ts';
import { TableWriter } from '../../src/sstable/table-writer.ts';
import { compressor, engineKey, FILE, openTable, PATH, randomEntries, recordOf, SETTINGS, World } from './bench.ts';

const NO_KEY = new Uint8Array(0);
const ENTRIES = randomEntries(new SimRandom(7), 3000, 400);

/** Writes a table, with one large record at its end when that is asked for. */
function write(pieces: PieceMemory, world: World, end: 'finish' | 'abandon', largeBytes = 0): void {
  const writer = new TableWriter({ disk: world.disk, compressor, pieces }, FILE, { ...SETTINGS, codec: 0 });
  assert.equal(pieces.spares, 0, 'the one piece is in use');
  for (const { kind, key, record } of ENTRIES) writer.add(kind, key, 0, key.length, record, 0, record.length);
  if (largeBytes > 0) {
    const key = engineKey('large', 65_535);
    const record = recordOf(1, new Uint8Array(largeBytes));
    const bytes = encodeRecord(record);
    writer.add(ENTRY_WHOLE, key, 0, key.length, bytes, 0, bytes.length);
  }
  writer[end]();
  writer.abandon();
  assert.equal(pieces.spares, 1);
}

function fileOf(world: World): Uint8Array {
  const file = world.disk.open(PATH);
  const bytes = new Uint8Array(file.sizeBytes());
  file.readNow(bytes, 0, bytes.length, 0);
  file.close();
  return bytes;
}

test('a writer gives its piece back, finished or abandoned, and what lay in it reaches no file', () => {
  const fresh = new World();
  write(new PieceMemory(), fresh, 'finish');
  const pieces = new PieceMemory();
  pieces.give(new Uint8Array(PIECE_BYTES).fill(0xdb));
  write(pieces, new World(), 'abandon');
  const world = new World();
  write(pieces, world, 'finish');
  assert.deepEqual(fileOf(world), fileOf(fresh));
});

test('a block larger than a piece is written without one, which is there again afterwards', () => {
  const pieces = new PieceMemory();
  const world = new World();
  write(pieces, world, 'finish', 3 * PIECE_BYTES);
  assert.ok(fileOf(world).length > PIECE_BYTES);
});

test('a reader takes a piece when it reads, gives it back, and may read again', () => {
  const pieces = new PieceMemory();
  const world = new World();
  write(pieces, world, 'finish');
  const table = openTable(world.disk);
  const reader = new ReadAhead(table, compressor, SILENT_PROBE, pieces);
  assert.equal(pieces.spares, 1);
  for (let round = 0; round < 2; round += 1) {
    const cursor = new TableCursor(table, reader);
    let count = 0;
    for (let code = cursor.seek(NO_KEY, 0, 0); code !== AT_END; code = cursor.next()) count += 1;
    assert.equal(count, ENTRIES.length);
    assert.equal(pieces.spares, 0);
    reader.release();
    reader.release();
    assert.equal(pieces.spares, 1);
  }
  table.close();
});

test('a piece comes back once and whole, and not all are kept', () => {
  const pieces = new PieceMemory();
  const taken = Array.from({ length: 20 }, () => pieces.take());
  assert.equal(new Set(taken).size, 20);
  assert.throws(() => pieces.give(new Uint8Array(PIECE_BYTES - 1)), /whole, and once/);
  for (const piece of taken) pieces.give(piece);
  assert.equal(pieces.spares, 8);
  assert.throws(() => pieces.give(taken[0] as Uint8Array), /whole, and once/);
});
