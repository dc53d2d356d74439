/**
 * The planner's ring: as many virtual nodes for each node as it is to hold partitions, in the order in which a walk meets
 * them.
 *
 * A node's vnodes are spread evenly: the k-th of n stands somewhere in the k-th of n equal parts of the ring, at a place
 * drawn from the node's name. Purely random places would leave some nodes twice the share of others; evenly spaced ones
 * would make the same nodes neighbours all around, and when one fails its work would fall on two others.
 */
import { mix } from './mix.ts';

/** Low bits of a sort key: which node. The rest, 32 bits, is its place. */
const NODE_RADIX = 65536;
const TWO_32 = 4294967296;

/** Indexes of nodes, `counts[node]` times each, in ring order. `seeds[node]` is from the node's name. At most 65536 nodes. */
export function ringOfVnodes(counts: Int32Array, seeds: Uint32Array): Uint16Array {
  let total = 0;
  for (const count of counts) total += count;
  const keys = new Float64Array(total);
  let at = 0;
  for (let node = 0; node < counts.length; node += 1) {
    const count = counts[node] as number;
    for (let k = 0; k < count; k += 1) {
      const jitter = mix((seeds[node] as number) + Math.imul(k, 0x9e3779b1)) / TWO_32;
      keys[at] = Math.floor(((k + jitter) / count) * TWO_32) * NODE_RADIX + node;
      at += 1;
    }
  }
  keys.sort();
  return Uint16Array.from(keys, (key) => key % NODE_RADIX);
}
