/**
 * Version edits as bytes: a frame's payload is a row of items, each a tag byte and its fields. Byte by byte in
 * `docs/formats/manifest.md`.
 *
 * Reading is strict: an unknown tag, a second item where one is allowed, or bytes left over are an `ItemError`. To go
 * on without an item that a later release wrote would be to guess which tables live.
 */
import { META_NUMBERS, type MetaNumbers } from '../sstable/table-meta.ts';
import type { KeyRange, PlacedTable, VersionEdit } from './edit.ts';
import { ItemError, ItemReader, type ItemWriter } from './item-bytes.ts';

export const TAG_HASH_KEYS = 1;
export const TAG_PUT = 2;
export const TAG_REMOVED = 3;
export const TAG_LOG_FLOOR = 4;
export const TAG_STATE = 5;
export const TAG_COUNTS = 6;
export const TAG_COUNT_CHANGES = 7;
export const TAG_NEXT_TABLE = 8;

/** The directory's secret: two i32. */
export interface HashKeys {
  readonly hashKey0: number;
  readonly hashKey1: number;
}

/** What one frame says. The secret stands in the first frame of a file and in no other. */
export interface DecodedEdit {
  readonly edit: VersionEdit;
  readonly hashKeys?: HashKeys;
}

/** Writes the items of an edit and returns how many there are. */
export function writeEdit(into: ItemWriter, edit: VersionEdit, hashKeys?: HashKeys): number {
  let items = 0;
  const item = (tag: number): void => {
    into.u8(tag);
    items += 1;
  };
  if (hashKeys !== undefined) {
    item(TAG_HASH_KEYS);
    into.u32(hashKeys.hashKey0);
    into.u32(hashKeys.hashKey1);
  }
  for (const table of edit.put ?? []) {
    item(TAG_PUT);
    writePlaced(into, table);
  }
  for (const number of edit.removed ?? []) {
    item(TAG_REMOVED);
    into.number(number);
  }
  for (const [tag, value] of [
    [TAG_LOG_FLOOR, edit.logFloor],
    [TAG_NEXT_TABLE, edit.nextTable],
  ] as const) {
    if (value === undefined) continue;
    item(tag);
    into.number(value);
  }
  for (const [tag, pairs] of [
    [TAG_STATE, edit.state],
    [TAG_COUNTS, edit.counts],
    [TAG_COUNT_CHANGES, edit.countChanges],
  ] as const) {
    if (pairs === undefined) continue;
    item(tag);
    writePairs(into, pairs);
  }
  return items;
}

function writePlaced(into: ItemWriter, { rank, meta, holes, damaged }: PlacedTable): void {
  into.number(rank);
  for (const name of META_NUMBERS) into.number(meta[name]);
  into.block(meta.firstKey);
  into.block(meta.lastKey);
  writeRanges(into, holes);
  writeRanges(into, damaged);
}

/** The end is written as its length and one, so that 0 can stand for no end. */
function writeRanges(into: ItemWriter, ranges: readonly KeyRange[]): void {
  into.number(ranges.length);
  for (const { from, to } of ranges) {
    into.block(from);
    into.number(to === undefined ? 0 : to.length + 1);
    if (to !== undefined) into.raw(to);
  }
}

function writePairs(into: ItemWriter, pairs: ReadonlyMap<number, number>): void {
  into.number(pairs.size);
  for (const [name, value] of pairs) {
    into.number(name);
    into.signed(value);
  }
}

/** The edit in `[start, end)`, which holds `items` items, or an `ItemError`. */
export function readEdit(bytes: Uint8Array, start: number, end: number, items: number): DecodedEdit {
  const reader = new ItemReader(bytes, start, end);
  const seen = new SeenItems();
  for (let read = 0; read < items; read += 1) readItem(reader, seen);
  if (!reader.isDone) throw new ItemError('bytes follow the last item');
  return seen.edit();
}

/** What was read of an edit so far. */
class SeenItems {
  readonly put: PlacedTable[] = [];
  readonly removed: number[] = [];
  readonly #once = new Map<number, number | ReadonlyMap<number, number> | HashKeys>();

  once(tag: number, value: number | ReadonlyMap<number, number> | HashKeys): void {
    if (this.#once.has(tag)) throw new ItemError(`a second item with tag ${tag}`);
    this.#once.set(tag, value);
  }

  edit(): DecodedEdit {
    const hashKeys = this.#once.get(TAG_HASH_KEYS) as HashKeys | undefined;
    const edit = {
      ...(this.put.length === 0 ? {} : { put: this.put }),
      ...(this.removed.length === 0 ? {} : { removed: this.removed }),
      ...this.#field('logFloor', TAG_LOG_FLOOR),
      ...this.#field('state', TAG_STATE),
      ...this.#field('counts', TAG_COUNTS),
      ...this.#field('countChanges', TAG_COUNT_CHANGES),
      ...this.#field('nextTable', TAG_NEXT_TABLE),
    };
    return { edit, ...(hashKeys === undefined ? {} : { hashKeys }) };
  }

  #field(name: keyof VersionEdit, tag: number): VersionEdit {
    const value = this.#once.get(tag);
    return value === undefined ? {} : { [name]: value };
  }
}

function readItem(reader: ItemReader, seen: SeenItems): void {
  const tag = reader.u8();
  switch (tag) {
    case TAG_HASH_KEYS:
      return seen.once(tag, { hashKey0: reader.u32() | 0, hashKey1: reader.u32() | 0 });
    case TAG_PUT:
      seen.put.push(readPlaced(reader));
      return;
    case TAG_REMOVED:
      seen.removed.push(reader.number());
      return;
    case TAG_LOG_FLOOR:
    case TAG_NEXT_TABLE:
      return seen.once(tag, reader.number());
    case TAG_STATE:
    case TAG_COUNTS:
    case TAG_COUNT_CHANGES:
      return seen.once(tag, readPairs(reader));
    default:
      throw new ItemError(`an item with tag ${tag}, which a later release may have written`);
  }
}

function readPlaced(reader: ItemReader): PlacedTable {
  const rank = reader.number();
  const numbers: Partial<MetaNumbers> = {};
  for (const name of META_NUMBERS) numbers[name] = reader.number();
  const meta = { ...(numbers as MetaNumbers), firstKey: reader.block(), lastKey: reader.block() };
  return { rank, meta, holes: readRanges(reader), damaged: readRanges(reader) };
}

function readRanges(reader: ItemReader): KeyRange[] {
  const ranges: KeyRange[] = [];
  for (let left = reader.count(); left > 0; left -= 1) {
    const from = reader.block();
    const end = reader.number();
    ranges.push(end === 0 ? { from } : { from, to: reader.raw(end - 1) });
  }
  return ranges;
}

function readPairs(reader: ItemReader): Map<number, number> {
  const pairs = new Map<number, number>();
  for (let left = reader.count(); left > 0; left -= 1) {
    const name = reader.number();
    if (pairs.has(name)) throw new ItemError(`the number ${name} is given twice`);
    pairs.set(name, reader.signed());
  }
  return pairs;
}
