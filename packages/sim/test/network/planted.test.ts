/** A suite that has never caught anything proves nothing: each planted bug fails some case, and a sound wrapper none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransportBench } from '@torc/base/conformance/transport-bench';
import { SuiteFailure } from '@torc/base/conformance/suite';
import { TRANSPORT_CASES } from '@torc/base/conformance/transport';
import { transportBench } from './bench.ts';
import { broken, type Plant, PLANTS } from './broken-transport.ts';

/** The names of the cases that fail. */
async function failures(make: () => TransportBench): Promise<string[]> {
  const failed: string[] = [];
  for (const each of TRANSPORT_CASES) {
    try {
      await each.run(async () => make());
    } catch (error: unknown) {
      if (!(error instanceof SuiteFailure)) throw error;
      failed.push(each.name);
    }
  }
  return failed;
}

function planted(plant: () => Plant): () => TransportBench {
  return () => transportBench(1, { wrap: (sound) => broken(sound, plant()) });
}

for (const [name, plant] of Object.entries(PLANTS)) {
  test(`the suite sees: ${name}`, async () => {
    assert.notDeepEqual(await failures(planted(plant)), []);
  });
}

test('a wrapper that changes nothing passes', async () => {
  assert.deepEqual(await failures(planted(() => ({}))), []);
});

test('the suite sees: another cluster is let in', async () => {
  const failed = await failures(() => {
    const bench = transportBench(1);
    return { ...bench, open: (node, { clusterId: _, ...changes } = {}) => bench.open(node, changes) };
  });
  assert.deepEqual(failed, ['a peer of another cluster is refused, and hears nothing']);
});
