/**
 * The machine's compressor: LZ4 by a native library where its binary loads, else in plain code, and zlib's raw deflate.
 *
 * 1. lz4-napi puts the size before the block, four bytes, low first: cut off after compressing, put on before
 *    decompressing, so that what is stored is the bare block format and either side reads the other's. Measured on 64 KiB
 *    of JSON, the copies included, it decodes ten times as fast as plain code.
 * 2. Deflate stops at the stated size, and must have read all of its input.
 * 3. What comes out is an array of its own, neither a pooled buffer nor a view of one.
 */
import { createRequire } from 'node:module';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { CompressorError } from '@torc/base/errors';
import type { Codec, Compressor } from '@torc/base/ports/compressor';
import { compressLz4Block, decompressLz4Block } from '@torc/storage/compression/lz4-block';

/** The part of lz4-napi that is used. */
interface NativeLz4 {
  compressSync(data: Buffer): Buffer;
  uncompressSync(data: Buffer): Buffer;
}

const PREFIX_BYTES = 4;

/**
 * Up to this size the plain code is used, whatever loads: measured on blocks of 4 KiB it compresses in two thirds of the
 * time and decompresses in the same, and leaves one array behind instead of three outside the collector's sight.
 */
const PLAIN_BYTES = 32 * 1024;

export interface NativeCompressorOptions {
  /** Do without the native LZ4 even where it loads. */
  readonly plain?: boolean;
}

export class NativeCompressor implements Compressor {
  readonly codecs: readonly Codec[] = [0, 1, 2];
  /** Whether LZ4 is the native one here. */
  readonly isNative: boolean;
  readonly #lz4: NativeLz4 | undefined;

  constructor(options: NativeCompressorOptions = {}) {
    this.#lz4 = options.plain === true ? undefined : loadNative();
    this.isNative = this.#lz4 !== undefined;
  }

  compress(codec: Codec, input: Uint8Array): Uint8Array {
    switch (codec) {
      case 0:
        return new Uint8Array(input);
      case 1:
        if (this.#lz4 === undefined || input.length <= PLAIN_BYTES) return compressLz4Block(input);
        return new Uint8Array(this.#lz4.compressSync(asBuffer(input)).subarray(PREFIX_BYTES));
      case 2:
        return new Uint8Array(deflateRawSync(input));
      default:
        throw new CompressorError(`no codec ${String(codec)} here`);
    }
  }

  decompress(codec: Codec, input: Uint8Array, sizeBytes: number, room?: Uint8Array): Uint8Array {
    switch (codec) {
      case 0:
        return checked(new Uint8Array(input), sizeBytes);
      case 1:
        if (this.#lz4 === undefined || sizeBytes <= PLAIN_BYTES) return decompressLz4Block(input, sizeBytes, room);
        return nativeLz4(this.#lz4, input, sizeBytes);
      case 2:
        return inflate(input, sizeBytes);
      default:
        throw new CompressorError(`no codec ${String(codec)} here`);
    }
  }
}

/** Undefined where the package, or its binary for this machine, is not there. */
function loadNative(): NativeLz4 | undefined {
  try {
    return createRequire(import.meta.url)('lz4-napi') as NativeLz4;
  } catch (error: unknown) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function nativeLz4(lz4: NativeLz4, input: Uint8Array, sizeBytes: number): Uint8Array {
  // The library takes a prefix that is too large for what follows; the size is compared afterwards.
  const prefixed = Buffer.allocUnsafe(PREFIX_BYTES + input.length);
  prefixed.writeUInt32LE(sizeBytes, 0);
  prefixed.set(input, PREFIX_BYTES);
  let output: Buffer;
  try {
    output = lz4.uncompressSync(prefixed);
  } catch (error: unknown) {
    throw failure(error, 'LZ4');
  }
  return checked(new Uint8Array(output), sizeBytes);
}

function inflate(input: Uint8Array, sizeBytes: number): Uint8Array {
  let result: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    // With `info` the answer also says how much of the input was read; the types do not know of it.
    const options = { maxOutputLength: Math.max(1, sizeBytes), info: true };
    result = inflateRawSync(input, options) as unknown as typeof result;
  } catch (error: unknown) {
    throw failure(error, 'deflate');
  }
  const { buffer, engine } = result;
  if (engine.bytesWritten !== input.length) throw new CompressorError('deflate: bytes behind the end');
  return checked(new Uint8Array(buffer), sizeBytes);
}

function checked(output: Uint8Array, sizeBytes: number): Uint8Array {
  if (output.length !== sizeBytes) throw new CompressorError(`${output.length} bytes instead of ${sizeBytes}`);
  return output;
}

/** Libraries refuse input with an error that has a code; anything else is a bug and is thrown on as it is. */
function failure(error: unknown, codec: string): CompressorError {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  return new CompressorError(`${codec}: ${error.message}`);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
