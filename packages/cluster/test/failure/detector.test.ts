/** The stand-in for a failure detector: silence for a second, or a refused connection. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT_MS, SilenceDetector } from '../../src/failure/detector.ts';

test('a node that was never heard of is up until it has been silent for a second', () => {
  const detector = new SilenceDetector();
  assert.equal(detector.isDown(2, 5000), false);
  assert.equal(detector.isDown(2, 5000 + SILENT_MS - 1), false);
  assert.equal(detector.isDown(2, 5000 + SILENT_MS), true);
  assert.equal(detector.isDown(3, 9000), false, 'each by itself');
});

test('whatever comes from a node makes it up again, for a second', () => {
  const detector = new SilenceDetector();
  assert.equal(detector.isDown(2, 0), false);
  assert.equal(detector.isDown(2, 2000), true);
  detector.heard(2, 2500);
  assert.equal(detector.isDown(2, 2500 + SILENT_MS - 1), false);
  assert.equal(detector.isDown(2, 2500 + SILENT_MS), true);
});

test('a refused connection makes it down at once, until it is heard', () => {
  const detector = new SilenceDetector();
  detector.heard(2, 100);
  detector.refused(2, 110);
  assert.equal(detector.isDown(2, 110), true);
  detector.heard(2, 120);
  assert.equal(detector.isDown(2, 120), false);
});
