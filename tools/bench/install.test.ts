/**
 * Installing compiles nothing: a fresh clone has to start on a machine without Python and a C++ compiler.
 *
 * better-sqlite3 carries its binaries, and says `gypfile: false` so that npm does not build it; but npm leaves that word
 * out of the lock, and `npm ci`, which reads the lock, builds it all the same. So the word is put there by hand, and npm
 * drops it again whenever it writes the lock anew.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../root.ts';

test('the lock keeps npm from building better-sqlite3', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { gypfile?: boolean }>;
  };
  const entry = lock.packages['node_modules/better-sqlite3'];
  assert.equal(
    entry?.gypfile,
    false,
    'add "gypfile": false to node_modules/better-sqlite3 in package-lock.json: npm dropped it',
  );
});
