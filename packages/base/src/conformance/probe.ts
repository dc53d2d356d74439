/**
 * The conformance suite of the `Probe` port.
 */
import { PLANTED_BUGS, type PlantedBug, type Probe } from '../ports/probe.ts';
import { type Case, type Closable, expect, expectEqual, oneCase } from './suite.ts';

export interface ProbeBench extends Closable {
  readonly probe: Probe;
  /** The bugs that are switched on here: none in production. */
  readonly planted: readonly PlantedBug[];
  /** In production nothing is cruel. */
  readonly production: boolean;
}

const probeCase = oneCase<ProbeBench>;

export const PROBE_CASES: readonly Case<ProbeBench>[] = [
  probeCase('reached takes any branch, any number of times', async ({ probe }) => {
    for (const branch of ['a', 'a', '', '__proto__', 'a branch with spaces']) probe.reached(branch);
  }),
  probeCase('planted says yes to what is switched on, and to nothing else, every time', async ({ probe, planted }) => {
    for (const bug of [...PLANTED_BUGS, ...PLANTED_BUGS]) {
      expectEqual(probe.planted(bug), planted.includes(bug), `planted ${bug}`);
    }
  }),
  probeCase('cruel answers; in production always no', async ({ probe, production }) => {
    for (let i = 0; i < 100; i++) {
      const answer = probe.cruel('choice');
      expect(typeof answer === 'boolean', 'an answer');
      if (production) expectEqual(answer, false, 'cruelty in production');
    }
  }),
];
