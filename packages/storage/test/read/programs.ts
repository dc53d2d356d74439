/**
 * Programs: random walks with any cursor, beside an `ArrayCursor` over what it should show. The keys are few and lie close,
 * one the start of another, so that sources, bounds and seeks meet.
 */
import assert from 'node:assert/strict';
import { compareBytes } from '@torc/base/bytes';
import { decodeRecord, encodeRecord } from '@torc/base/record/codec';
import { mergeRecords } from '@torc/base/record/merge';
import fc from 'fast-check';
import { ENTRY_PART, ENTRY_WHOLE } from '../../src/commit-log/entry.ts';
import { ArrayCursor, type ArrayEntry } from '../../src/read/array-cursor.ts';
import { AT_END, AT_ENTRY, NEEDS_DISK, type Cursor, type CursorCode } from '../../src/read/cursor.ts';
import { blockOf, entryAt, settled } from './flaky-cursor.ts';
import { historyOf } from './history.ts';

function engineKey(bucket: number, ...rest: number[]): Uint8Array {
  return Uint8Array.of(0, bucket, 1, 2, 3, 4, ...rest);
}

/** Sorted. */
export const KEYS: readonly Uint8Array[] = [
  engineKey(0),
  engineKey(0, 0),
  engineKey(0, 0, 0),
  engineKey(0, 0, 1),
  engineKey(0, 1),
  engineKey(0, 0x61),
  engineKey(0, 0x61, 0),
  engineKey(0, 0x61, 0x62),
  engineKey(0, 0xff),
  engineKey(0, 0xff, 0xff),
  engineKey(1),
  engineKey(1, 0x61),
  engineKey(2, 0x61, 0x61),
];

/** Keys to seek: those, and what lies below and above all of them. */
export const anyTarget: fc.Arbitrary<Uint8Array> = fc.constantFrom(
  new Uint8Array(0),
  ...KEYS,
  Uint8Array.of(0, 1, 0),
  Uint8Array.of(0xff),
);

export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}

/** Under each key any states of one history. */
export const anyEntry: fc.Arbitrary<ArrayEntry> = fc.record({
  key: fc.constantFrom(...KEYS),
  kind: fc.constantFrom(ENTRY_WHOLE, ENTRY_PART, ENTRY_PART),
  record: fc.constantFrom(...historyOf(1).map(encodeRecord)),
});

/** What one source holds: each key once, in order. */
export const anyEntries: fc.Arbitrary<ArrayEntry[]> = fc
  .uniqueArray(anyEntry, { selector: (entry) => KEYS.indexOf(entry.key), maxLength: 10 })
  .map((entries) => entries.sort((a, b) => compareKeys(a.key, b.key)));

export const anyDelays: fc.Arbitrary<number[]> = fc.array(fc.constantFrom(0, 0, 1, 2), { maxLength: 17 });

/** What sources, newest first, come to: said as plainly as possible, oldest first. */
export function foldModel(sources: readonly (readonly ArrayEntry[])[]): ArrayEntry[] {
  return KEYS.flatMap((key) => {
    const under = sources.flatMap((entries) => entries.filter((entry) => entry.key === key));
    const whole = under.findIndex((entry) => entry.kind === ENTRY_WHOLE);
    const counted = whole < 0 ? under : under.slice(0, whole + 1);
    const [first, ...above] = counted.reverse();
    if (first === undefined) return [];
    const record = above.reduce(
      (below, entry) => mergeRecords(below, decodeRecord(entry.record)),
      decodeRecord(first.record),
    );
    return [{ key, kind: whole < 0 ? ENTRY_PART : ENTRY_WHOLE, record: encodeRecord(record) }];
  });
}

export type Step =
  | { readonly call: 'next' | 'previous' }
  /** `giveUp`: made even if the call before it wants a block. */
  | { readonly call: 'seek' | 'below'; readonly key: Uint8Array; readonly giveUp: boolean };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Step>({ call: 'next' }, { call: 'previous' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constantFrom('seek' as const, 'below' as const),
      key: anyTarget,
      giveUp: fc.boolean(),
    }),
  },
);

export const anyProgram: fc.Arbitrary<Step[]> = fc.array(anyStep, { minLength: 1, maxLength: 30 });

/** A program in which each call that wants a block gets it and is made again, or is given up for the next seek. */
export function runProgram(cursor: Cursor, expected: readonly ArrayEntry[], program: readonly Step[]): void {
  const model = new ArrayCursor(expected);
  for (const [at, step] of program.entries()) {
    const following = program[at + 1];
    const mayGiveUp = following !== undefined && 'giveUp' in following && following.giveUp;
    if (mayGiveUp) {
      const code = make(cursor, step);
      make(model, step);
      if (code !== NEEDS_DISK) check(cursor, code, model);
      else if (at % 2 === 0) cursor.provide(blockOf(cursor.wants));
      continue;
    }
    const code = settled(cursor, () => make(cursor, step));
    make(model, step);
    check(cursor, code, model);
  }
}

function make(cursor: Cursor, step: Step): CursorCode {
  if (!('key' in step)) return step.call === 'next' ? cursor.next() : cursor.previous();
  // The caller's bytes need not stay between two calls.
  const bytes = Uint8Array.of(7, ...step.key, 7);
  return step.call === 'seek' ? cursor.seek(bytes, 1, bytes.length - 1) : cursor.seekBelow(bytes, 1, bytes.length - 1);
}

function check(cursor: Cursor, code: CursorCode, model: ArrayCursor): void {
  const there = model.kind !== 0;
  assert.equal(code, there ? AT_ENTRY : AT_END);
  if (there) assert.deepEqual(entryAt(cursor), entryAt(model));
}
