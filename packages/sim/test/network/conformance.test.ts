/** The simulated transport passes the suite, and the promises hold at its worst, too. */
import { test } from 'node:test';
import { TRANSPORT_CASES } from '@torc/base/conformance/transport';
import { transportBench } from './bench.ts';

const CRUEL_SEEDS = 8;

for (const each of TRANSPORT_CASES) {
  test(`transport: ${each.name}`, () => each.run(async () => transportBench(1)));
  test(`transport on a cruel network: ${each.name}`, async () => {
    for (let seed = 1; seed <= CRUEL_SEEDS; seed++) {
      try {
        await each.run(async () => transportBench(seed, { isCruel: true }));
      } catch (error: unknown) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });
}
