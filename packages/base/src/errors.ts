/**
 * The errors of Torc: a small closed union with facts as fields. "Not found" is a value, never an error.
 * A broken invariant (`assert.ts`) is none of these: it is a bug and stops the node.
 */

/** What went wrong below the file interface. */
export type DiskErrorCode = 'missing' | 'exists' | 'full' | 'io' | 'busy';

export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code: DiskErrorCode;
  readonly path: string;

  constructor(code: DiskErrorCode, path: string, detail: string) {
    super(`${path}: ${detail}`);
    this.code = code;
    this.path = path;
  }
}

export class ExecutorError extends Error {
  override readonly name = 'ExecutorError';
}

export class CompressorError extends Error {
  override readonly name = 'CompressorError';
}

/** Stored bytes that are not what was written. `--salvage` is the documented way on. */
export class DamageError extends Error {
  override readonly name = 'DamageError';
  readonly path: string;
  readonly offset: number;

  constructor(path: string, offset: number, detail: string) {
    super(`${path} is damaged at byte ${offset}: ${detail}`);
    this.path = path;
    this.offset = offset;
  }
}

/** Bytes from outside that do not decode. The message says where and why. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
}

/** Why a request was refused. Nothing was written. */
export type RefusalCode =
  | 'key-too-long'
  | 'value-too-long'
  | 'too-many-siblings'
  | 'disk-full'
  | 'memory-full'
  | 'bad-name'
  | 'bad-prefix'
  | 'stopped';

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}
