/** Values for keys that lie on the disk: too large for two of them to share a block of 256 bytes, and hard to compress. */
import { SimRandom } from '@torc/sim/random';

/** An offset that lies in the data of any table of some dozen such values. */
export const LEAST_TABLE_DATA = 2000;

export function valueOf(n: number): string {
  const random = new SimRandom(`value ${n}`);
  const letters = Array.from({ length: 300 }, () => String.fromCharCode(97 + random.below(26)));
  return `${n}-${letters.join('')}`;
}
