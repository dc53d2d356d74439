/**
 * The simulator's compressor: stored and LZ4, both in plain code, so that a run is the same on every machine.
 * Raw deflate is left out: it needs the runtime's zlib, and what is not listed must be coped with.
 */
import { CompressorError } from '@torc/base/errors';
import type { Codec, Compressor } from '@torc/base/ports/compressor';
import { compressLz4Block, decompressLz4Block } from '@torc/storage/compression/lz4-block';

export class SimCompressor implements Compressor {
  readonly codecs: readonly Codec[] = [0, 1];

  compress(codec: Codec, input: Uint8Array): Uint8Array {
    if (codec === 0) return input.slice();
    if (codec === 1) return compressLz4Block(input);
    throw new CompressorError(`no codec ${codec} here`);
  }

  decompress(codec: Codec, input: Uint8Array, sizeBytes: number, room?: Uint8Array): Uint8Array {
    if (codec === 1) return decompressLz4Block(input, sizeBytes, room);
    if (codec !== 0) throw new CompressorError(`no codec ${codec} here`);
    if (input.length !== sizeBytes) throw new CompressorError(`${input.length} bytes instead of ${sizeBytes}`);
    return input.slice();
  }
}
