/**
 * Feeds a decoder as a connection does, and gathers what comes out. It is unkind: a chunk is overwritten as soon as
 * `keep` is through, so that anything still read from it shows; and `next` is called no more often than bytes arrived.
 */
import assert from 'node:assert/strict';
import { BROKEN, COMMAND, MORE, RespDecoder } from '@torc/wire/resp/decoder';
import { DEFAULT_RESP_LIMITS, type RespLimits } from '@torc/wire/resp/limits';

/** The worst thing that could be found in memory that was not ours to read: it ends lines. */
const GARBAGE = 0x0a;

export interface Fed {
  /** Arguments as latin1: one character a byte. */
  readonly commands: (readonly string[])[];
  outcome: 'more' | 'broken';
  problem: string;
  /** The most that the decoder held between chunks. */
  mostHeldBytes: number;
}

export interface Feeding {
  readonly limits?: RespLimits;
  /** Whether to stop after this command, `keep`, and go on later without a new chunk. */
  readonly parks?: (command: number) => boolean;
  /** Whether to take this command back the first time, and to `keep` before it is asked for again. */
  readonly rewinds?: (command: number) => 'not' | 'at once' | 'later';
}

/** Feeds `input`, cut at these rising places; equal ones make empty chunks. Stops where the stream breaks. */
export function feedAll(input: Uint8Array, cuts: readonly number[], feeding: Feeding = {}): Fed {
  const decoder = new RespDecoder(feeding.limits ?? DEFAULT_RESP_LIMITS);
  const fed: Fed = { commands: [], outcome: 'more', problem: '', mostHeldBytes: 0 };
  let from = 0;
  for (let i = 0; i <= cuts.length && fed.outcome === 'more'; i += 1) {
    const to = cuts[i] ?? input.length;
    const chunk = input.slice(from, to);
    decoder.feed(chunk);
    drain(decoder, chunk, fed, feeding);
    fed.mostHeldBytes = Math.max(fed.mostHeldBytes, decoder.heldBytes);
    from = to;
    assert.ok(fed.commands.length * 2 <= to, 'no command has less than two bytes');
  }
  return fed;
}

function drain(decoder: RespDecoder, chunk: Uint8Array, fed: Fed, { parks, rewinds }: Feeding): void {
  for (;;) {
    const progress = decoder.next();
    if (progress === BROKEN) {
      fed.outcome = 'broken';
      fed.problem = decoder.problem;
      return;
    }
    if (progress === MORE) break;
    fed.commands.push(argumentsOf(decoder));
    const rewind = rewinds?.(fed.commands.length - 1) ?? 'not';
    if (rewind !== 'not') {
      decoder.rewind();
      if (rewind === 'later') keep(decoder, chunk);
      assert.equal(decoder.next(), COMMAND, 'a command that was taken back comes again');
      assert.deepEqual(argumentsOf(decoder), fed.commands.at(-1));
    }
    if (parks?.(fed.commands.length - 1) !== true) continue;
    keep(decoder, chunk);
  }
  keep(decoder, chunk);
}

function keep(decoder: RespDecoder, chunk: Uint8Array): void {
  decoder.keep();
  assert.notEqual(decoder.bytes.buffer, chunk.buffer, 'the chunk is let go');
  chunk.fill(GARBAGE);
}

export function argumentsOf({ bytes, starts, ends, count }: RespDecoder): readonly string[] {
  const args: string[] = [];
  for (let i = 0; i < count; i += 1) args.push(latin1(bytes.subarray(starts[i], ends[i])));
  return args;
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

export function arrayOf(...args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
}

/** A cut before every byte but the first. */
export function everyByte(length: number): readonly number[] {
  return Array.from({ length: Math.max(0, length - 1) }, (_, i) => i + 1);
}
