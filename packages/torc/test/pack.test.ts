/**
 * The package `torc` is self-contained: its tarball, installed into an empty folder, runs on the machine's own Node and
 * not only on the one that we develop on.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pack } from '../../../tools/pack/stage.ts';
import { findMachineNode } from '../../../tools/smoke/machine-node.ts';
import { serveOnce, versionOf } from '../../../tools/smoke/serve.ts';

const machine = findMachineNode();
const skip = machine === undefined ? 'the machine has no Node of its own on PATH' : false;

describe('the packed torc', { timeout: 120_000 }, () => {
  let folder = '';
  let tarball = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'torc-pack-'));
    tarball = pack(join(folder, 'torc'));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('holds what was built, and neither sources nor tests', () => {
    const paths = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
    for (const wanted of ['package.json', 'README.md', 'LICENSE', 'dist/main.js']) {
      assert.ok(paths.includes(`package/${wanted}`), `${wanted} is not in the tarball`);
    }
    assert.ok(paths.includes('package/node_modules/@torc/cli/dist/main.js'));
    const allowed =
      /^package\/(node_modules\/@torc\/[a-z]+\/)?(package\.json|README\.md|LICENSE|dist\/.+\.(js|d\.ts))$/;
    assert.deepEqual(
      paths.filter((path) => !allowed.test(path)),
      [],
    );
  });

  it('installs into an empty folder and serves', { skip }, async () => {
    assert.ok(machine !== undefined);
    const home = join(folder, 'home');
    await mkdir(home);
    await writeFile(join(home, 'package.json'), '{ "private": true }\n');
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', tarball], {
      cwd: home,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const command = join(home, 'node_modules', '.bin', 'torc');
    assert.ok(existsSync(command), 'there is no torc command');
    assert.match(await versionOf([machine.path, command]), /\d+\.\d+\.\d+/);
    await serveOnce([machine.path, command]);
  });
});
