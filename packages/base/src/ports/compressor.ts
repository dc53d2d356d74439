/**
 * Block compression, synchronous: blocks are small and the caller decides on which thread it runs.
 *
 * Contract:
 * - Codec numbers are part of the file formats and are never reused: 0 stored, 1 LZ4 block, 2 raw deflate.
 * - `codecs` lists those this runtime has; 0 is always there. An unknown codec is a `CompressorError`.
 * - `compress` returns a fresh array; `decompress` one of exactly `sizeBytes` bytes: a fresh one, or the front of `room` when
 *   that is given and large enough, and the implementation can make use of it.
 * - `decompress` is given bytes that passed a checksum but still never trusts them: damaged input, or a size that does not
 *   agree, is a `CompressorError`, and memory use stays within `sizeBytes` and a constant.
 */
export interface Compressor {
  readonly codecs: readonly Codec[];
  compress(codec: Codec, input: Uint8Array): Uint8Array;
  decompress(codec: Codec, input: Uint8Array, sizeBytes: number, room?: Uint8Array): Uint8Array;
}

export type Codec = 0 | 1 | 2;
