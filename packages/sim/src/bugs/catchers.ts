/**
 * For every planted bug the checker that sees it: a run of the real code with the bug switched on, whose verdict must
 * become bad, while the same run without it stays good.
 */
import { PLANTED_BUGS, type PlantedBug } from '@torc/base/ports/probe';
import { CRASH_MOMENTS } from '../disk/operations.ts';
import { OneKeyModel, type BrokenRules } from '../models/one-key.ts';
import { SimRandom } from '../random.ts';
import { ClusterRun } from '../cluster/cluster-run.ts';
import { EngineRun } from '../runs/engine-run.ts';
import { FlipRun } from '../runs/flip-run.ts';
import { NodeRun } from '../runs/node-run.ts';
import { FLUSHING_WEIGHTS, HARSH_TABLE_WEIGHTS, HARSH_WEIGHTS, type Weights } from '../runs/script.ts';

export interface Catcher {
  readonly name: string;
  /** How many of the command's runs one run of this is worth. */
  readonly cost: number;
  /** The violations of the run with this seed; the bug is on or off. */
  run(seed: number, on: boolean): Promise<readonly string[]>;
}

/** A node under crashes, full disks, failing syncs, kills and clock jumps, judged for durability and causality. */
function nodeRun(bug: PlantedBug): Catcher {
  // Few keys with long histories, or many keys in many tables.
  return nodeRunOf(bug, (seed) => (seed % 2 === 0 ? HARSH_TABLE_WEIGHTS : HARSH_WEIGHTS));
}

/** The same, with flushes that nobody waits for. */
function flushingRun(bug: PlantedBug): Catcher {
  return nodeRunOf(bug, () => FLUSHING_WEIGHTS);
}

function nodeRunOf(bug: PlantedBug, weightsOf: (seed: number) => Weights): Catcher {
  return {
    name: 'node run: durability and causality',
    cost: 1,
    async run(seed, on) {
      const random = new SimRandom(seed).fork('bug run');
      const crash = { operation: 1 + random.below(150), moment: random.pick(CRASH_MOMENTS) };
      const planted = on ? [bug] : [];
      return (await new NodeRun({ seed, steps: 80, weights: weightsOf(seed), planted, crash }).run()).violations;
    },
  };
}

/** A whole cluster under faults, judged by the oracle: durability, causality, reads that never go back, convergence. */
function clusterRun(bug: PlantedBug): Catcher {
  return {
    name: 'cluster run: the oracle',
    cost: 1,
    async run(seed, on) {
      return (await new ClusterRun({ seed, operations: 1000, faults: 30, planted: on ? [bug] : [] }).run()).violations;
    },
  };
}

/** An engine alone with parts and held snapshots, judged by a map; every second one with damaged tables. */
function engineRun(bug: PlantedBug): Catcher {
  return {
    name: 'engine run: equal to the model',
    cost: 1,
    async run(seed, on) {
      return (await new EngineRun({ seed, steps: 80, flips: seed % 2 === 1, planted: on ? [bug] : [] }).run())
        .violations;
    },
  };
}

/** Every byte of a small directory damaged in turn. */
function flips(bug: PlantedBug): Catcher {
  return {
    name: 'bit flips: the right value or an error',
    cost: 50,
    async run(seed, on) {
      return (await new FlipRun(seed, seed % 2 === 0, on ? [bug] : []).run()).violations;
    },
  };
}

/** The one-key model with a rule taken away: replication is not built yet, so the rule is broken where it lives. */
function model(broken: BrokenRules): Catcher {
  return {
    name: 'one-key model: causality',
    cost: 1,
    run(seed, on) {
      const options = { replicas: 3, steps: 30, broken: on ? broken : {} };
      return Promise.resolve(new OneKeyModel(new SimRandom(seed), options).run());
    },
  };
}

const CATCHERS: Readonly<Record<PlantedBug, (bug: PlantedBug) => Catcher>> = {
  'ack-before-sync': nodeRun,
  'sync-result-ignored': nodeRun,
  'stamp-reused-after-restart': nodeRun,
  'lineage-floor-not-raised': nodeRun,
  'delta-instead-of-record': () => model({ deltas: true }),
  'checksum-over-body-only': flips,
  'short-write-not-continued': nodeRun,
  'tail-not-rewritten': nodeRun,
  'directory-not-synced': nodeRun,
  'log-dropped-before-table-is-named': nodeRun,
  'damage-cut-as-tail': flips,
  'full-disk-batch-kept-in-memory': nodeRun,
  'plain-counter-clock': () => model({ plainCounters: true }),
  'table-directory-not-synced': nodeRun,
  'table-removed-before-the-manifest': nodeRun,
  'block-checksum-skipped': engineRun,
  'filter-false-negative': nodeRun,
  'tombstone-dropped-above-older': nodeRun,
  'memtable-dropped-before-its-table': nodeRun,
  'replay-stops-at-bad-frame': flips,
  'newest-sequence-wins': engineRun,
  'scan-skips-moved-keys': engineRun,
  'frozen-memtable-called-durable': flushingRun,
  'stored-before-durable': clusterRun,
  'repair-not-awaited': clusterRun,
  'merge-drops-a-sibling': clusterRun,
  'second-attempt-takes-local-clock': clusterRun,
  'wall-clock-as-stamp': clusterRun,
  'newer-not-told': clusterRun,
};

export interface Catch {
  readonly bug: PlantedBug;
  readonly catcher: string;
  /** How many runs it took, the catching one included; 0 when none saw it. */
  readonly runs: number;
  readonly seed: number;
  readonly verdict: string;
}

/** Switches each bug on in turn and runs its catcher over seeds until the verdict is bad, or `most` runs were good. */
export async function* catchAll(most: number): AsyncGenerator<Catch> {
  for (const bug of PLANTED_BUGS) yield await catchOne(bug, most);
}

async function catchOne(bug: PlantedBug, most: number): Promise<Catch> {
  const catcher = CATCHERS[bug](bug);
  for (let seed = 0; seed * catcher.cost < most; seed += 1) {
    const [verdict] = await catcher.run(seed, true);
    if (verdict === undefined) continue;
    const [without] = await catcher.run(seed, false);
    if (without !== undefined)
      return { bug, catcher: catcher.name, runs: 0, seed, verdict: `also without it: ${without}` };
    return { bug, catcher: catcher.name, runs: seed + 1, seed, verdict };
  }
  return { bug, catcher: catcher.name, runs: 0, seed: -1, verdict: `not seen in ${most} runs` };
}
