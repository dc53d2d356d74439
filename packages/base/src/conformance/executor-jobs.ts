/**
 * The jobs of the executor's conformance suite, to be registered at the far side by whoever runs it.
 */
import { DamageError, DiskError, type DiskErrorCode } from '../errors.ts';
import type { Job } from '../ports/executor.ts';

/** What the far side brings: time is no business of this package. */
export interface JobBench {
  /** Comes back later, in another turn. */
  pause(): Promise<void>;
}

export const DISK_ERROR_CODES: readonly DiskErrorCode[] = ['missing', 'exists', 'full', 'io', 'busy'];

/** A job that waits gives up after so many pauses: an executor that holds it up fails its case, and does not hang. */
const MAX_PAUSES = 5000;

export function createJobs(bench: JobBench): Readonly<Record<string, Job>> {
  return { ...shortJobs(), ...failingJobs(), ...longJobs(bench) };
}

function shortJobs(): Readonly<Record<string, Job>> {
  let kept: Uint8Array | undefined;
  return {
    echo: (input) => input,
    reverse: async (input) => input.slice().reverse(),
    sum: (input) => Uint8Array.of(input.reduce((sum, byte) => sum + byte, 0) & 0xff),
    /** Answers with the last byte of each buffer, and puts the input and the buffer's place at its beginning. */
    markShared: (input, shared = []) =>
      Uint8Array.from(shared, (buffer, place) => {
        const view = new Uint8Array(buffer);
        view.set(input);
        view[input.length] = place;
        return view[view.length - 1] ?? 0;
      }),
    keep: (input) => {
      kept = input;
      return input;
    },
    scribbleOnKept: () => {
      // Where arrays are moved, what was kept is empty by now.
      if (kept !== undefined && kept.length > 0) kept.fill(0xee);
      return new Uint8Array(0);
    },
    spin: (input) => {
      let state = 1;
      for (let i = 0; i < (input[0] ?? 0) * 10000; i++) state = (state * 31 + i) | 0;
      return Uint8Array.of(input[0] ?? 0, state === 0 ? 1 : 0);
    },
  };
}

function failingJobs(): Readonly<Record<string, Job>> {
  return {
    throwNow: () => {
      throw new RangeError('the job is unhappy');
    },
    throwLater: async () => {
      throw new RangeError('the job is unhappy later');
    },
    /** The code is the one at that place of `DISK_ERROR_CODES`. */
    throwDiskError: (input) => {
      throw new DiskError(DISK_ERROR_CODES[input[0] ?? 0] ?? 'io', 'tables/7: new', 'the disk: is unhappy');
    },
    throwDamageError: async () => {
      throw new DamageError('tables/7', 2 ** 40 + 1, 'checksum of block 3');
    },
  };
}

function longJobs({ pause }: JobBench): Readonly<Record<string, Job>> {
  const until = async (condition: () => boolean): Promise<void> => {
    for (let pauses = 0; !condition(); pauses++) {
      if (pauses === MAX_PAUSES) throw new RangeError('nobody came');
      await pause();
    }
  };
  return {
    /** Sets the first word, waits for the second, pauses a few times more, sets the third. */
    relay: async (input, shared = []) => {
      const [sets, waitsFor, setsAtLast] = input;
      const words = wordsOf(shared);
      Atomics.store(words, sets ?? 0, 1);
      await until(() => Atomics.load(words, waitsFor ?? 0) === 1);
      for (let i = 0; i < 3; i++) await pause();
      Atomics.store(words, setsAtLast ?? 0, 1);
      return input;
    },
    /** Number `me` of two: writes its next byte, whenever word 0 says that it is its turn, and gives the turn away. */
    takeTurns: async (input, shared = []) => {
      const [me = 0, rounds = 0] = input;
      const words = wordsOf(shared);
      const page = new Uint8Array(shared[1] ?? new SharedArrayBuffer(0));
      const mine = new Uint8Array(rounds);
      for (let round = 0; round < rounds; round++) {
        await until(() => Atomics.load(words, 0) === me);
        page[round * 2 + me] = me + 1;
        mine[round] = round * 2 + me;
        Atomics.store(words, 0, 1 - me);
      }
      return mine;
    },
  };
}

function wordsOf(shared: readonly SharedArrayBuffer[]): Int32Array<SharedArrayBuffer> {
  return new Int32Array(shared[0] ?? new SharedArrayBuffer(64));
}
