/**
 * Records of one key that can meet: states of three replicas that wrote, saw old contexts and merged at random. Records
 * made up one by one will not do: two of them may each claim to have superseded all of the other, which leaves nothing.
 */
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcRecord } from '@torc/base/record/record';
import { writeRecord, type NewVersion } from '@torc/base/record/write';
import { SimRandom } from '@torc/sim/random';

/** Expiries of the history lie on both sides of this. */
export const MIDDLE_MS = 1_000;
/** Stamps are 1 ... `STATES`. */
export const STATES = 120;

function versionAt(stamp: number, random: SimRandom): NewVersion {
  if (random.chance(0.3)) return { tombstone: true, value: new Uint8Array(0) };
  const value = new Uint8Array(random.below(6)).fill(stamp);
  return random.chance(0.5) ? { value, expiresAtMs: MIDDLE_MS - 10 + random.below(20) } : { value };
}

/** In no order that matters. */
export function historyOf(seed: number): TorcRecord[] {
  const random = new SimRandom(seed);
  const states: TorcRecord[] = [];
  const replicas: (TorcRecord | undefined)[] = [undefined, undefined, undefined];
  for (let stamp = 1; stamp <= STATES; stamp += 1) {
    const at = random.below(replicas.length);
    const local = replicas[at];
    const other = random.pick(replicas);
    let state: TorcRecord;
    if (local !== undefined && other !== undefined && random.chance(0.4)) {
      state = mergeRecords(local, other);
    } else {
      const context = states.length > 0 && random.chance(0.6) ? { context: random.pick(states).clock } : {};
      const options = { lineageFloor: random.chance(0.1) ? stamp : 0, ...context };
      state = writeRecord(local, versionAt(stamp, random), { actor: at + 1, stamp }, options);
    }
    replicas[at] = state;
    states.push(state);
  }
  return states;
}
