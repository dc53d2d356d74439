/** The manifests of a packed `torc`: what travels inside, what npm has to fetch, and what must not be told. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { bundledManifest, packageManifest, type Manifest } from './manifest.ts';

const torc: Manifest = { name: 'torc', version: '1.2.3', dependencies: { '@torc/cli': '1.2.3' } };
const base: Manifest = { name: '@torc/base', version: '1.2.3', private: true, dependencies: {} };
const cli: Manifest = {
  name: '@torc/cli',
  version: '1.2.3',
  dependencies: { '@torc/base': '1.2.3', commander: '^14.0.0' },
};

it('what is bundled is a dependency, and what the bundled ones need from npm is one too', () => {
  const made = packageManifest(torc, [base, cli]);
  assert.deepEqual(made.dependencies, { '@torc/base': '1.2.3', '@torc/cli': '1.2.3', commander: '^14.0.0' });
  assert.deepEqual(made.bundleDependencies, ['@torc/base', '@torc/cli']);
});

it('two ranges of one package are refused', () => {
  const other: Manifest = { name: '@torc/server', version: '1.2.3', dependencies: { commander: '^13.0.0' } };
  assert.throws(() => packageManifest(torc, [cli, other]), /agree on one range/);
});

it('a bundled package points at what was built only, and is not private', () => {
  const exports = { './*': { 'torc-src': './src/*.ts', types: './dist/*.d.ts', default: './dist/*.js' } };
  assert.deepEqual(bundledManifest({ ...base, exports }), {
    name: '@torc/base',
    version: '1.2.3',
    dependencies: {},
    exports: { './*': { types: './dist/*.d.ts', default: './dist/*.js' } },
  });
});
