/** The layering rule over small made-up checkouts: planted sins and near misses. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SourceFile } from '../tidy/rule.ts';
import { diagram, emptyDocument, withDiagram } from './diagram.ts';
import { lintConfig } from './lint-config.ts';
import { layering } from './rule.ts';

interface Package {
  readonly name: string;
  readonly dependencies?: readonly string[];
  readonly references?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

function checkout(...packages: readonly Package[]): readonly SourceFile[] {
  const names = packages.map(({ name }) => name);
  const document = withDiagram(emptyDocument, diagram(names)) ?? '';
  return [
    { path: '.oxlintrc.json', text: JSON.stringify(lintConfig()) },
    { path: 'ARCHITECTURE.md', text: document },
    ...packages.flatMap(({ name, dependencies = [], references = dependencies, files = {} }) => [
      {
        path: `packages/${name}/package.json`,
        text: JSON.stringify({
          name: `@torc/${name}`,
          dependencies: Object.fromEntries(dependencies.map((one) => [`@torc/${one}`, '0.1.0'])),
        }),
      },
      {
        path: `packages/${name}/tsconfig.json`,
        text: JSON.stringify({ references: references.map((one) => ({ path: `../${one}` })) }),
      },
      ...Object.entries(files).map(([path, text]) => ({ path: `packages/${name}/${path}`, text })),
    ]),
  ];
}

function messages(...packages: readonly Package[]): readonly string[] {
  return layering.check(checkout(...packages)).map(({ message }) => message);
}

const base: Package = { name: 'base' };
const usesBase = "import { a } from '@torc/base/a';";

describe('near misses', () => {
  it('imports that the table allows', () => {
    assert.deepEqual(messages(base, { name: 'storage', dependencies: ['base'], files: { 'src/a.ts': usesBase } }), []);
  });

  it('a test of the pure house uses Node, npm and the simulator', () => {
    const test = "import 'node:test'; import 'fast-check'; import '@torc/sim/a'; import '@torc/storage/a';";
    assert.deepEqual(messages(base, { name: 'storage', files: { 'test/a.test.ts': test } }), []);
  });

  it('a relative import inside the package', () => {
    assert.deepEqual(messages({ name: 'base', files: { 'src/record/a.ts': "import '../b.ts';" } }), []);
  });

  it('a specifier in a comment or a string', () => {
    const text = "// import '@torc/server/a'\nconst a = \"from '@torc/server/a'\";";
    assert.deepEqual(messages({ name: 'base', files: { 'src/a.ts': text } }), []);
  });
});

describe('planted sins', () => {
  const seen = (pattern: RegExp, ...packages: readonly Package[]): void => {
    assert.match(messages(...packages).join('\n'), pattern);
  };

  it('an import upwards', () => {
    const files = { 'src/a.ts': "import '@torc/node/a';" };
    seen(/storage may not import node/, { name: 'storage', dependencies: ['node'], files });
  });

  it('an import sideways, of a type', () => {
    const files = { 'src/a.ts': "import type { A } from '@torc/wire/a';" };
    seen(/storage may not import wire/, { name: 'storage', dependencies: ['wire'], files });
  });

  it('an import upwards in a test', () => {
    seen(/storage may not import server/, { name: 'storage', files: { 'test/a.test.ts': "import '@torc/server/a';" } });
  });

  it('Node or npm in the pure house', () => {
    seen(/node:fs: the pure house/, { name: 'base', files: { 'src/a.ts': "import 'node:fs';" } });
    seen(/lodash: the pure house/, { name: 'base', files: { 'src/a.ts': "import 'lodash';" } });
  });

  it('a relative import out of the package', () => {
    const files = { 'src/a.ts': "import '../../base/src/a.ts';" };
    seen(/leaves the package's src/, { name: 'storage', files });
  });

  it('a dependency that is missing, and one too many', () => {
    seen(/a dependency on base is missing/, { name: 'storage', references: ['base'], files: { 'src/a.ts': usesBase } });
    seen(/a dependency on base that src does not import/, { name: 'storage', dependencies: ['base'] });
  });

  it('a reference that is missing', () => {
    const files = { 'src/a.ts': usesBase };
    seen(/a reference to base is missing/, { name: 'storage', dependencies: ['base'], references: [], files });
  });

  it('a package without a row', () => {
    seen(/no row/, { name: 'extras' });
  });

  it('a stale lint rule, and a stale diagram', () => {
    const files = checkout(base).map((file) => (file.path.endsWith('.json') ? { ...file, text: '{}' } : file));
    assert.match(layering.check(files)[0]?.message ?? '', /its name has to be/);
    const stale = layering.check([{ path: 'ARCHITECTURE.md', text: emptyDocument }]).map(({ path }) => path);
    assert.deepEqual(stale, ['.oxlintrc.json', 'ARCHITECTURE.md']);
  });
});
