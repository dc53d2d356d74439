/**
 * The second half of planning: seats change hands until every node holds its quota, and as few as can be have moved.
 *
 * First by exchanges that cost nothing, then directly from a node with too much to one with too little, then by chains
 * (`chain.ts`). That there is a chain as long as anybody holds too much follows from the exchange property of such bounds:
 * each partition's sets of seats are the bases of a matroid, and so are their sums. At last, moves that turned out not to be
 * needed are taken back.
 */
import { assert } from '@torc/base/assert';
import { mix } from '../ring/mix.ts';
import { ChainSearch } from './chain.ts';
import { NOBODY, type Grid } from './grid.ts';
import { leastOf, mostOf } from './shares.ts';

/** How many nodes with too little are asked for one partition before the next partition is tried. */
const MAX_ASKED = 64;

/** How many exchanges the searches that only save moves may look at, for one class: some tenths of a second. */
const MAX_LOOKS = 2_000_000;

/** Every partition must have all its seats. `shares` and `seeds` by node. */
export function balanceSeats(grid: Grid, shares: Float64Array, seeds: Uint32Array): void {
  const search = new ChainSearch(grid);
  const lacks = (node: number): boolean => surplusOf(grid, node) < 0;
  for (let node = 0; node < grid.load.length; node += 1) {
    while (surplusOf(grid, node) > 0 && search.looks < MAX_LOOKS && search.pass(node, true, lacks));
  }
  giveDirectly(grid, seeds);
  for (let node = 0; node < grid.load.length; node += 1) {
    while (surplusOf(grid, node) > 0)
      assert(search.pass(node, false, lacks), `placement: nobody can take what node ${node} holds too much`);
  }
  takeBack(grid, shares, search);
}

/**
 * A seat that moved goes back to who held it, if by free exchanges somebody else takes one seat of theirs: the one who has now
 * one too few, or anyone whose share, rounded up, is not reached. Each time one move less.
 */
function takeBack(grid: Grid, shares: Float64Array, search: ChainSearch): void {
  const { load, before, seats, width } = grid;
  const limit = search.looks + MAX_LOOKS;
  let spare = movesToSpare(grid, shares);
  for (let partition = 0; spare > 0 && partition < grid.partitions && search.looks < limit; partition += 1) {
    for (const old of before[partition] as Int32Array) {
      for (let at = partition * width; at < (partition + 1) * width; at += 1) {
        const now = seats[at] as number;
        if (old === NOBODY || grid.heldBefore(partition, now) || !grid.maySwap(partition, now, old)) continue;
        grid.swap(partition, now, old);
        const mayLack = (load[now] as number) >= leastOf(shares[now] as number);
        const isTaker = (node: number): boolean =>
          node === now || (mayLack && (load[node] as number) < mostOf(shares[node] as number));
        const isDone =
          (mayLack && (load[old] as number) <= mostOf(shares[old] as number)) || search.pass(old, true, isTaker);
        if (isDone) spare -= 1;
        else grid.swap(partition, old, now);
        break;
      }
    }
  }
}

/** Moves above those that every plan has to make: for what nodes lack of their shares, and for seats that are lost. */
function movesToSpare({ before, seats, width, partitions }: Grid, shares: Float64Array): number {
  const held = new Int32Array(shares.length);
  let moved = 0;
  let lost = 0;
  for (let partition = 0; partition < partitions; partition += 1) {
    const row = before[partition] as Int32Array;
    let left = width;
    for (const node of row) {
      if (node === NOBODY) continue;
      held[node] = (held[node] as number) + 1;
      left -= 1;
    }
    lost += Math.max(0, left);
    for (let at = partition * width; at < (partition + 1) * width; at += 1)
      if (!row.includes(seats[at] as number)) moved += 1;
  }
  let lacking = 0;
  for (const [node, share] of shares.entries()) lacking += Math.max(0, leastOf(share) - (held[node] as number));
  return moved - Math.max(lacking, lost);
}

function surplusOf({ load, quotas }: Grid, node: number): number {
  return (load[node] as number) - (quotas[node] as number);
}

/** Those with too little take turns, so that what one node gives goes to many. */
function giveDirectly(grid: Grid, seeds: Uint32Array): void {
  const { domains, load, held } = grid;
  let takers = domains.nodes.flatMap((_, node) => (surplusOf(grid, node) < 0 ? [node] : []));
  takers.sort((a, b) => (seeds[a] as number) - (seeds[b] as number));
  let turn = 0;
  for (let node = 0; node < load.length; node += 1) {
    if (surplusOf(grid, node) <= 0) continue;
    for (const partition of givingOrder(grid, node, seeds, [...(held[node] as number[])])) {
      if (takers.length === 0 || surplusOf(grid, node) <= 0) break;
      const asked = Math.min(takers.length, MAX_ASKED);
      for (let n = 0; n < asked; n += 1) {
        const taker = takers[(turn + n) % takers.length] as number;
        if (!grid.maySwap(partition, node, taker)) continue;
        grid.swap(partition, node, taker);
        turn = (turn + n + 1) % takers.length;
        if (surplusOf(grid, taker) >= 0) takers = takers.filter((one) => one !== taker);
        break;
      }
    }
  }
}

/** First what it did not hold before, then scattered over the ring. */
function givingOrder(grid: Grid, node: number, seeds: Uint32Array, partitions: number[]): number[] {
  const seed = seeds[node] as number;
  const rank = new Map(
    partitions.map((partition) => [
      partition,
      mix(seed + partition) / 2 + (grid.heldBefore(partition, node) ? 2 ** 32 : 0),
    ]),
  );
  return partitions.sort((a, b) => (rank.get(a) as number) - (rank.get(b) as number));
}
