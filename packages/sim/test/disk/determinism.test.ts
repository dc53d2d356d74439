/** The same seed and the same calls give the same disk, bit for bit; another seed gives another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskError } from '@torc/base/errors';
import { LOSS_MODES } from '../../src/disk/loss.ts';
import { SimRandom } from '../../src/random.ts';
import { filled, makeDisk } from './bench.ts';

/** A busy and faulty life, its end, and every way to restart from it: as one list of numbers. */
async function life(seed: number): Promise<number[]> {
  const rates = { shortWrites: 0.3, ioErrors: 0.02, syncFailures: 0.1, writeBack: 0.2, laterMs: [0, 5] as const };
  const disk = makeDisk(seed, { faults: rates, capacityBytes: 60_000 });
  const program = new SimRandom(seed).fork('program');
  const pending: Promise<unknown>[] = [];
  const path = (): string => `f${program.below(4)}`;
  for (let i = 0; i < 300; i++) {
    try {
      const which = program.below(8);
      if (which === 0) disk.create(path());
      else if (which === 1) disk.rename(path(), path());
      else if (which === 2) disk.syncDirectory('');
      else if (which === 3) disk.open(path()).syncNow();
      else if (which === 4) pending.push(disk.open(path()).syncLater().catch(String));
      else if (which === 5)
        pending.push(
          disk
            .open(path())
            .writeLater(filled(900, i), 0, 900, i * 50)
            .catch(String),
        );
      else disk.open(path()).writeNow(filled(700, i), 0, 700, program.below(20_000));
    } catch (error: unknown) {
      if (!(error instanceof DiskError)) throw error;
    }
    if (i % 20 === 0) await disk.clock.scheduler.runFor(1);
  }
  const restarts = LOSS_MODES.flatMap((mode) =>
    [1, 2].map((label) => disk.restart(mode, { label: `${label}` }).digest()),
  );
  return [disk.operations, disk.traceHash(), disk.digest(), ...restarts];
}

test('the same seed twice', async () => {
  for (const seed of [1, 2, 3]) assert.deepEqual(await life(seed), await life(seed));
});

test('another seed, another life', async () => {
  const seen = new Set<number>();
  for (let seed = 1; seed <= 10; seed++) for (const number of (await life(seed)).slice(1)) seen.add(number);
  assert.ok(seen.size > 60, `${seen.size} different numbers`);
});

test('labels tell restarts apart, and the same label gives the same', () => {
  const disk = makeDisk(1);
  disk.create('a').writeNow(filled(9000, 1), 0, 9000, 0);
  disk.syncDirectory('');
  const digest = (label: string): number => disk.restart('random', { label }).digest();
  assert.equal(digest('x'), digest('x'));
  assert.ok(new Set(['x', 'y', 'z', 'u', 'v'].map(digest)).size > 3);
});
