/** A client that knows the format puts bytes shaped like frames into its values: they are never taken for frames. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logName } from '../../src/commit-log/names.ts';
import { contents, forgeFrame, frameOffsets, openLog, append, tamper } from '../support/log-bench.ts';
import { World } from '../support/world.ts';
import { ENTRY_WHOLE, SAME_VALUES } from '../../src/commit-log/entry.ts';

const PATH = logName(1);
const line = 'evil=never written by anybody';

/** Frames for every place that the value may come to stand at, sealed for a log of the same number with another nonce. */
function forged(nonceSeed: string): Uint8Array {
  const world = new World({ seed: nonceSeed });
  openLog(world);
  const frames = [1, 2, 3, 4].flatMap((batch) => [...forgeFrame(world.disk, PATH, { batch, synced: 1 << 20, line })]);
  return Uint8Array.from(frames);
}

/** Appends a value at a multiple of eight, where a search for frames looks. */
function appendAligned(log: ReturnType<typeof openLog>['log'], value: Uint8Array): void {
  const bytes = new Uint8Array(8 + value.length);
  bytes.set(value, 8);
  log.append(ENTRY_WHOLE, SAME_VALUES, bytes, 0, 8, bytes.length);
  log.commitNow();
}

function judgeTorn(value: Uint8Array): void {
  const world = new World({ seed: 'victim' });
  const { log } = openLog(world);
  append(log, 'a=1');
  log.commitNow();
  appendAligned(log, value);
  const [, from, to] = frameOffsets(world.disk, PATH) as [number, number, number];
  for (let size = from; size <= to; size += 8) {
    const trial = World.from(world.disk.snapshot());
    tamper(trial.disk, PATH, (file) => file.truncate(size));
    const { lines } = openLog(trial);
    assert.equal(lines.filter((text) => text.startsWith('evil')).length, 0, `cut at ${size}`);
    assert.equal(lines[0], 'a=1');
    // A torn frame with forged ones inside is a tail, not damage: they vouch for nothing.
    const flipped = World.from(world.disk.snapshot());
    flipped.disk.flipBit(PATH, from + 2, 1);
    assert.deepEqual(openLog(flipped).lines, ['a=1']);
    assert.deepEqual(openLog(salvaged(world)).lines, ['a=1']);
  }
}

function salvaged(world: World): World {
  const trial = World.from(world.disk.snapshot());
  trial.disk.flipBit(PATH, (frameOffsets(trial.disk, PATH)[1] as number) + 2, 1);
  return trial;
}

test('a value full of frames of another log is one value, torn or whole', () => {
  judgeTorn(forged('another'));
});

test('a copy of the log’s own earlier bytes in a value is not read as frames of a later file', () => {
  const world = new World({ seed: 'victim' });
  const { log } = openLog(world);
  append(log, 'a=1');
  log.commitNow();
  // The next segment of the same log: what a client could have learned from the first does not check out there.
  const value = contents(world.disk, PATH);
  log.boundaryNow();
  appendAligned(log, value);
  const second = logName(2);
  const [from] = frameOffsets(world.disk, second) as [number];
  const torn = World.from(world.disk.snapshot());
  torn.disk.flipBit(second, from + 2, 1);
  assert.deepEqual(openLog(torn).lines, ['a=1']);
});

test('the nonce differs from file to file, and from start to start', () => {
  const headers = new Set<string>();
  const world = new World();
  for (let life = 0; life < 5; life += 1) {
    const { log } = openLog(world);
    append(log, 'a=1');
    log.commitNow();
    log.boundaryNow();
    append(log, 'a=1');
    log.commitNow();
    world.restart('kept', String(life));
  }
  const logs = world.names();
  for (const name of logs) headers.add(contents(world.disk, name).subarray(16, 24).join());
  assert.equal(headers.size, logs.length);
});
