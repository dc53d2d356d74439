/**
 * The conformance suite of the `Compressor` port. Every codec the implementation lists goes through every case.
 */
import { CompressorError } from '../errors.ts';
import type { Codec, Compressor } from '../ports/compressor.ts';
import { type Case, type Closable, expect, expectBytes, expectEqual, expectThrows, noise, oneCase } from './suite.ts';

export interface CompressorBench extends Closable {
  readonly compressor: Compressor;
}

const compressorCase = oneCase<CompressorBench>;

export const COMPRESSOR_CASES: readonly Case<CompressorBench>[] = [
  compressorCase('codec 0 is always there; the list is sound', async ({ compressor }) => {
    expect(compressor.codecs.includes(0), 'codec 0 is listed');
    expectEqual(new Set(compressor.codecs).size, compressor.codecs.length, 'codecs listed once');
    for (const codec of compressor.codecs) expect([0, 1, 2].includes(codec), `codec ${codec} has a number`);
  }),
  compressorCase('what goes in comes out', async ({ compressor }) => {
    for (const codec of compressor.codecs) {
      for (const [name, input] of inputs()) {
        const output = compressor.decompress(codec, compressor.compress(codec, input), input.length);
        expectBytes(output, input, `codec ${codec}, ${name}`);
      }
    }
  }),
  compressorCase('what repeats becomes smaller, what does not hardly grows', async ({ compressor }) => {
    for (const codec of compressor.codecs) {
      const repeated = compressor.compress(codec, repeat('key:0123456789 ', 65536)).length;
      if (codec !== 0) expect(repeated < 65536 / 8, `codec ${codec}: 64 KiB of repetition became ${repeated}`);
      const grown = compressor.compress(codec, noise(65536)).length;
      expect(grown <= 65536 * 1.01 + 64, `codec ${codec}: 64 KiB of noise became ${grown}`);
    }
  }),
  compressorCase('arrays are fresh: nothing shows through', async ({ compressor }) => {
    for (const codec of compressor.codecs) {
      const input = repeat('abcdefgh', 1000);
      const packed = compressor.compress(codec, input);
      input.fill(0);
      const copy = packed.slice();
      const output = compressor.decompress(codec, packed, 1000);
      packed.fill(0);
      compressor.decompress(codec, compressor.compress(codec, noise(1000)), 1000);
      expectBytes(output, repeat('abcdefgh', 1000), `codec ${codec}: the output`);
      expectBytes(compressor.decompress(codec, copy, 1000), output, `codec ${codec}: the packed bytes`);
    }
  }),
  compressorCase('an array that is part of a buffer is read where it lies', async ({ compressor }) => {
    for (const codec of compressor.codecs) {
      const arena = repeat('0123456789', 3000);
      const packed = compressor.compress(codec, arena.subarray(1001, 2002));
      const moved = new Uint8Array(packed.length + 20);
      moved.set(packed, 7);
      const output = compressor.decompress(codec, moved.subarray(7, 7 + packed.length), 1001);
      expectBytes(output, arena.subarray(1001, 2002), `codec ${codec}`);
    }
  }),
  compressorCase('an unknown codec is a CompressorError', async ({ compressor }) => {
    for (const number of [3, 255, -1]) {
      const codec = number as Codec;
      expectThrows(CompressorError, () => compressor.compress(codec, noise(10)), `compress with ${number}`);
      expectThrows(CompressorError, () => compressor.decompress(codec, noise(10), 10), `decompress with ${number}`);
    }
  }),
  compressorCase('a size that does not agree is a CompressorError', async ({ compressor }) => {
    for (const codec of compressor.codecs) {
      for (const [name, input] of inputs()) {
        const packed = compressor.compress(codec, input);
        for (const wrong of [input.length + 1, input.length - 1, 2 * input.length + 100, 0]) {
          if (wrong < 0 || wrong === input.length) continue;
          const what = `codec ${codec}, ${name}, ${wrong} instead of ${input.length}`;
          expectThrows(CompressorError, () => compressor.decompress(codec, packed, wrong), what);
        }
      }
    }
  }),
  compressorCase('a bomb bursts at its stated size', async ({ compressor }) => {
    for (const codec of compressor.codecs) {
      const packed = compressor.compress(codec, new Uint8Array(8 << 20));
      expectThrows(CompressorError, () => compressor.decompress(codec, packed, 100), `codec ${codec}`);
    }
  }),
  compressorCase('input cut at every length is a CompressorError', async ({ compressor }) => {
    for (const codec of compressor.codecs) {
      const packed = compressor.compress(codec, mixed());
      for (let length = 0; length < packed.length; length++) {
        const what = `codec ${codec}, cut at ${length} of ${packed.length}`;
        expectThrows(CompressorError, () => compressor.decompress(codec, packed.subarray(0, length), 300), what);
      }
    }
  }),
  compressorCase('bytes behind the end are a CompressorError', async ({ compressor }) => {
    for (const codec of compressor.codecs) {
      const packed = compressor.compress(codec, mixed());
      const longer = new Uint8Array(packed.length + 3);
      longer.set(packed);
      expectThrows(CompressorError, () => compressor.decompress(codec, longer, 300), `codec ${codec}`);
    }
  }),
  compressorCase(
    'any flipped bit gives the stated size or a CompressorError, and nothing worse',
    async ({ compressor }) => {
      for (const codec of compressor.codecs) {
        const packed = compressor.compress(codec, mixed());
        for (let bit = 0; bit < packed.length * 8; bit++) {
          const damaged = packed.slice();
          damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          checkDamaged(compressor, codec, damaged, 300);
        }
      }
    },
  ),
  compressorCase('noise gives the stated size or a CompressorError, and nothing worse', async ({ compressor }) => {
    for (const codec of compressor.codecs) {
      for (let seed = 1; seed <= 300; seed++) checkDamaged(compressor, codec, noise(1 + (seed % 90), seed), 64);
    }
  }),
];

function checkDamaged(compressor: Compressor, codec: Codec, damaged: Uint8Array, sizeBytes: number): void {
  let output: Uint8Array;
  try {
    output = compressor.decompress(codec, damaged, sizeBytes);
  } catch (error: unknown) {
    if (error instanceof CompressorError) return;
    throw error;
  }
  expectEqual(output.length, sizeBytes, `codec ${codec}: length of damaged output`);
}

function inputs(): [name: string, input: Uint8Array][] {
  return [
    ['nothing', new Uint8Array(0)],
    ['one byte', Uint8Array.of(7)],
    ['twelve bytes', noise(12)],
    ['thirteen equal bytes', new Uint8Array(13).fill(5)],
    ['zeros', new Uint8Array(70000)],
    ['noise', noise(5000)],
    ['repetition', repeat('user:1000:name ', 65536)],
    ['far repetition', farRepetition()],
    ['mixed', mixed()],
    ['one MiB', repeat('{"id":1,"name":"a record"}', 1 << 20)],
  ];
}

function repeat(text: string, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => text.charCodeAt(i % text.length));
}

/** Noise and repetition in turns, 300 bytes. */
function mixed(): Uint8Array {
  const bytes = noise(300);
  bytes.set(repeat('torc', 90), 40);
  bytes.set(bytes.subarray(40, 120), 200);
  return bytes;
}

/** The same noise again at just under, at, and just over 64 KiB behind itself: the edge of an LZ4 window. */
function farRepetition(): Uint8Array {
  const bytes = new Uint8Array(3 * 65536 + 200);
  for (const at of [0, 65535, 2 * 65535 + 1, 3 * 65535 + 3]) bytes.set(noise(200), at);
  return bytes;
}
