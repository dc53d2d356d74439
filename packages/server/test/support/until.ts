/** Waiting for what another process does: asks again and again, and gives up at a deadline with what it saw last. */
import { setTimeout as sleep } from 'node:timers/promises';

const pauseMs = 5;

/** The first answer that `ask` gives other than undefined. */
export async function until<T>(
  what: string,
  limitMs: number,
  ask: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${limitMs} ms`);
    await sleep(pauseMs);
  }
}

/** Until `read` answers a number that `accept` takes; an error names the number it answered last. */
export async function untilNumber(
  what: string,
  limitMs: number,
  read: () => Promise<number>,
  accept: (value: number) => boolean,
): Promise<number> {
  let last: number | undefined;
  const ask = async (): Promise<number | undefined> => {
    last = await read();
    return accept(last) ? last : undefined;
  };
  return until(what, limitMs, ask).catch((error: unknown) => {
    throw new Error(`${what}: it was ${last} at last`, { cause: error });
  });
}
