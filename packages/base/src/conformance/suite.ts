/**
 * Conformance suites as pure data: a port's contract, one case per clause, that any test runner can run against any
 * implementation. The simulated ports and the real ones pass the same cases.
 *
 * 1. A case gets `make`, which gives a fresh implementation with what the case needs to drive it, and closes it.
 * 2. A case fails by throwing `SuiteFailure`; it knows no runner, no timer and no file.
 */
export interface Case<Bench> {
  readonly name: string;
  run(make: () => Promise<Bench>): Promise<void>;
}

/** What every bench has: an end. */
export interface Closable {
  close(): Promise<void>;
}

export class SuiteFailure extends Error {
  override readonly name = 'SuiteFailure';
}

/** A case over one fresh bench, which is closed whatever happens. */
export function oneCase<Bench extends Closable>(name: string, body: (bench: Bench) => Promise<void>): Case<Bench> {
  return {
    name,
    async run(make): Promise<void> {
      const bench = await make();
      try {
        await body(bench);
      } finally {
        await bench.close();
      }
    },
  };
}

export function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new SuiteFailure(what);
}

export function expectEqual<T extends string | number | boolean | undefined>(actual: T, wanted: T, what: string): void {
  if (actual !== wanted) throw new SuiteFailure(`${what}: ${String(actual)} instead of ${String(wanted)}`);
}

export function expectList(
  actual: readonly (string | number)[],
  wanted: readonly (string | number)[],
  what: string,
): void {
  expectEqual(actual.join(', '), wanted.join(', '), what);
}

export function expectBytes(actual: Uint8Array, wanted: Uint8Array, what: string): void {
  expectEqual(actual.length, wanted.length, `${what}: length`);
  for (let i = 0; i < wanted.length; i++) {
    if (actual[i] !== wanted[i]) throw new SuiteFailure(`${what}: byte ${i} is ${actual[i]} instead of ${wanted[i]}`);
  }
}

/** A type of error, abstract over its constructor's arguments. */
export interface ErrorType<E extends Error> {
  readonly name: string;
  readonly prototype: E;
}

/** What `run` throws, of that type; anything else fails the case. */
export function expectThrows<E extends Error>(type: ErrorType<E>, run: () => unknown, what: string): E {
  try {
    run();
  } catch (error: unknown) {
    return narrowed(type, error, what);
  }
  throw new SuiteFailure(`${what}: did not throw`);
}

/** What `run` rejects with, or throws, of that type. */
export async function expectRejects<E extends Error>(
  type: ErrorType<E>,
  run: () => Promise<unknown>,
  what: string,
): Promise<E> {
  try {
    await run();
  } catch (error: unknown) {
    return narrowed(type, error, what);
  }
  throw new SuiteFailure(`${what}: did not reject`);
}

/** Bytes without a pattern that a mistake could hide in; the same for the same seed. */
export function noise(length: number, seed: number = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed * 2654435761) | 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 8;
  }
  return bytes;
}

function narrowed<E extends Error>(type: ErrorType<E>, error: unknown, what: string): E {
  if (Object.prototype.isPrototypeOf.call(type.prototype, error as object)) return error as E;
  throw new SuiteFailure(`${what}: threw ${String(error)} instead of a ${type.name}`);
}
