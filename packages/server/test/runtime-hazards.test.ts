/** Hazards of the runtime that the real ports must hold against, one test each. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { pbkdf2 } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvariantError } from '@torc/base/assert';
import { DiskError } from '@torc/base/errors';
import { SystemClock } from '../src/clock-system.ts';
import { FsDisk } from '../src/disk-fs.ts';
import { asDiskError, asLinkError } from '../src/disk-fs-file.ts';

function rootFor(context: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'torc-hazard-'));
  context.after(() => rmSync(root, { recursive: true }));
  return root;
}

function clockFor(context: TestContext): SystemClock {
  const clock = new SystemClock();
  context.after(() => clock.close());
  return clock;
}

test('later calls share four pool threads with others, end in any order, and all land', async (context) => {
  const root = rootFor(context);
  const file = new FsDisk(root).create('a');
  const others = Array.from(
    { length: 8 },
    () => new Promise((resolve) => pbkdf2('x', 'y', 40_000, 32, 'sha256', resolve)),
  );
  const ended: number[] = [];
  const works = Array.from({ length: 200 }, async (_, i) => {
    const bytes = new Uint8Array(i % 10 === 0 ? 100_000 : 50).fill(1 + (i % 250));
    let done = 0;
    while (done < bytes.length) {
      done += await file.writeLater(bytes, done, bytes.length - done, i * 100_000 + done);
    }
    if (i % 20 === 0) await file.syncLater();
    ended.push(i);
  });
  await Promise.all([...works, ...others]);
  assert.equal(ended.length, 200);
  const bytes = readFileSync(join(root, 'a'));
  for (let i = 0; i < 200; i++) assert.equal(bytes[i * 100_000], 1 + (i % 250), `write ${i}`);
  file.close();
});

test('close while later calls are under way waits for them: no call meets another file', async (context) => {
  const root = rootFor(context);
  const disk = new FsDisk(root);
  for (let round = 0; round < 20; round++) {
    const file = disk.create(`a${round}`);
    const works = Array.from({ length: 10 }, (_, i) => file.writeLater(new Uint8Array(10).fill(7), 0, 10, i * 10));
    file.close();
    const bystander = disk.create(`b${round}`);
    assert.deepEqual(await Promise.all(works), new Array(10).fill(10));
    assert.equal(bystander.sizeBytes(), 0);
    assert.equal(disk.open(`a${round}`).sizeBytes(), 100);
    bystander.close();
  }
});

test('a timer above 2^31 ms does not fire early, and node does not warn of it', async (context) => {
  const clock = clockFor(context);
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', onWarning);
  let fired = 0;
  for (const ms of [2 ** 31, 2 ** 32 + 5, 1e15]) clock.setTimer(ms, () => fired++);
  await sleep(20);
  process.off('warning', onWarning);
  assert.equal(fired, 0);
  assert.deepEqual(warnings, []);
});

test('a timer above 2^31 ms fires in the end', (context) => {
  // setTimeout is mocked here; performance.now is moved along with them.
  const real = performance.now.bind(performance);
  let passedMs = 0;
  context.mock.timers.enable({ apis: ['setTimeout'] });
  context.mock.method(performance, 'now', () => real() + passedMs);
  const clock = clockFor(context);
  let fired = 0;
  clock.setTimer(2 ** 32, () => fired++);
  const day = 24 * 3600 * 1000;
  for (let days = 0; days < 49; days++) {
    passedMs += day;
    context.mock.timers.tick(day);
  }
  assert.equal(fired, 0);
  passedMs += 2 * day;
  context.mock.timers.tick(2 * day);
  assert.equal(fired, 1);
});

test('a wall clock that goes backwards does not touch monotonic time or timers', async (context) => {
  const clock = clockFor(context);
  const before = clock.monotonicMs();
  const wall = clock.wallMs();
  let fired = false;
  clock.setTimer(10, () => {
    fired = true;
  });
  context.mock.method(Date, 'now', () => wall - 3_600_000);
  assert.ok(clock.wallMs() < wall);
  assert.ok(clock.monotonicMs() >= before);
  await sleep(30);
  assert.ok(fired);
  assert.ok(clock.monotonicMs() >= before + 10);
});

test('one synchronous step of 50 ms shows as lag without any timer of ours', async (context) => {
  const clock = clockFor(context);
  await sleep(10);
  const end = performance.now() + 120;
  while (performance.now() < end);
  // The sampler, due after 50 ms, runs first when the loop goes on.
  await sleep(1);
  assert.ok(clock.lagMs() > 30, `lag ${clock.lagMs()}`);
});

test('a closed clock calls nobody back', async () => {
  const clock = new SystemClock();
  let called = 0;
  clock.setTimer(1, () => called++);
  clock.onTurnEnd(() => called++);
  clock.close();
  clock.setTimer(1, () => called++);
  clock.onTurnEnd(() => called++);
  await sleep(10);
  assert.equal(called, 0);
});

test('the root directory is made with its parents', (context) => {
  const root = join(rootFor(context), 'deep', 'er');
  assert.deepEqual(new FsDisk(root).list(''), []);
  assert.ok(existsSync(root));
});

test("errnos become the port's codes; what has none is a bug and passes", () => {
  const named = (code: string): Error => Object.assign(new Error(code), { code, errno: -1, syscall: 'write' });
  for (const [code, wanted] of [
    ['ENOSPC', 'full'],
    ['EDQUOT', 'full'],
    ['ENOENT', 'missing'],
    ['EEXIST', 'exists'],
    ['EMFILE', 'busy'],
    ['EIO', 'io'],
    ['EROFS', 'io'],
  ] as const) {
    const error = asDiskError(named(code), 'a/b');
    assert.ok(error instanceof DiskError && error.code === wanted && error.path === 'a/b', code);
    assert.ok(error.message.includes(code));
  }
  assert.throws(() => asDiskError(new InvariantError('a bug'), 'a'), InvariantError);
  assert.throws(() => asDiskError(new TypeError('a bug'), 'a'), TypeError);
});

test('what only a hard link can meet is `io`, in words; all else is as anywhere', () => {
  const named = (code: string): Error => Object.assign(new Error(code), { code, errno: -1, syscall: 'link' });
  for (const [code, words] of [
    ['EXDEV', /EXDEV.*different file systems/],
    ['EPERM', /EPERM.*no hard links/],
    ['EMLINK', /EMLINK.*as many names/],
    ['EIO', /EIO/],
  ] as const) {
    const error = asLinkError(named(code), 'a/b');
    assert.ok(error.code === 'io' && error.path === 'a/b', code);
    assert.match(error.message, words);
  }
  assert.equal(asLinkError(named('EEXIST'), 'a').code, 'exists');
  assert.equal(asLinkError(named('ENOSPC'), 'a').code, 'full');
  assert.throws(() => asLinkError(new TypeError('a bug'), 'a'), TypeError);
});

test('a link is one file of the file system with two names', (context) => {
  const root = rootFor(context);
  const disk = new FsDisk(root);
  disk.makeDirectory('d');
  disk.create('a').close();
  disk.link('a', 'd/b');
  assert.equal(statSync(join(root, 'a')).ino, statSync(join(root, 'd/b')).ino);
  assert.throws(
    () => disk.link('d', 'e'),
    (error: unknown) => error instanceof DiskError && /EPERM.*directory/.test(error.message),
  );
});
