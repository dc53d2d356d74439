/** Stores that differ, drawn from a seed: what is missing, old or concurrent at one of two or three, and what all hold. */
import type { SimRandom } from '@torc/sim/random';
import { encodeRecord } from '@torc/base/record/codec';
import { keysIn, MemoryStore, type StoreOptions, textOf } from './memory-store.ts';

export const PARTITION = { partitionBits: 3, partition: 5 };

export interface Shape {
  readonly stores: number;
  readonly equalKeys: number;
  readonly differingKeys: number;
  readonly valueBytes?: number;
}

const FIRST_STAMP = 1_000_000;

export function drawStores(
  random: SimRandom,
  shape: Shape,
  options: Partial<StoreOptions> = {},
): { readonly stores: readonly MemoryStore[]; readonly keys: readonly Uint8Array[] } {
  const stores = Array.from({ length: shape.stores }, (_, at) => {
    const depth = options.depth ?? 6 + random.below(4);
    return new MemoryStore({ ...PARTITION, actor: at + 1, ...options, depth });
  });
  const keys = keysIn(PARTITION, shape.equalKeys + shape.differingKeys);
  let stamp = FIRST_STAMP;
  const text = (): string => 'v'.repeat(shape.valueBytes ?? 1 + random.below(40));
  // Which of them differ is drawn, so that differing keys stand anywhere in their leaves.
  const differing = new Set<number>();
  while (differing.size < shape.differingKeys) differing.add(random.below(keys.length));
  keys.forEach((key, at) => {
    const [first] = stores as [MemoryStore];
    stamp += 1;
    first.write(key, text(), stamp);
    for (const store of stores.slice(1)) copy(first, store, key);
    if (!differing.has(at)) return;
    for (const store of stores) {
      if (!random.chance(0.6)) continue;
      stamp += 1;
      store.write(key, text(), stamp, random.chance(0.1));
    }
  });
  // Some keys of one store alone: they are missing elsewhere.
  const missing = keysIn(PARTITION, keys.length + Math.ceil(shape.differingKeys / 4)).slice(keys.length);
  for (const key of missing) {
    stamp += 1;
    (stores[random.below(stores.length)] as MemoryStore).write(key, text(), stamp);
  }
  return { stores, keys: [...keys, ...missing] };
}

function copy(from: MemoryStore, to: MemoryStore, key: Uint8Array): void {
  const record = from.get(key);
  if (record !== undefined) to.put(key, record);
}

/** Keys whose records are not the same in all of these. */
export function differingKeys(stores: readonly MemoryStore[]): readonly string[] {
  const [first, ...others] = stores.map((store) => store.contents()) as [ReadonlyMap<string, string>];
  const all = new Set([first, ...others].flatMap((contents) => [...contents.keys()]));
  return [...all].filter((key) =>
    others.some((other: ReadonlyMap<string, string>) => other.get(key) !== first.get(key)),
  );
}

/**
 * The bytes of the records that differ: for each such key the largest record that one of the two holds before or after, with
 * the key. `before` and `after` are the same stores.
 */
export function recordSizes(stores: readonly MemoryStore[], keys: readonly Uint8Array[]): ReadonlyMap<string, number> {
  return new Map(
    keys.map((key) => {
      const sizes = stores.map((store) => {
        const record = store.get(key);
        return record === undefined ? 0 : encodeRecord(record).length;
      });
      return [textOf(key), key.length + Math.max(...sizes)];
    }),
  );
}
