/**
 * Each house rule against planted sins, which it has to see, and near misses, which it has to leave alone. A rule
 * without a sin here proves nothing by its silence.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Rule, SourceFile } from './rule.ts';
import { ambient } from './rules/ambient.ts';
import { bareCatch } from './rules/bare-catch.ts';
import { barrel } from './rules/barrel.ts';
import { deadFile } from './rules/dead-file.ts';
import { deadReference } from './rules/dead-reference.ts';
import { fileLength } from './rules/file-length.ts';
import { fileName } from './rules/file-name.ts';
import { functionLength } from './rules/function-length.ts';
import { header } from './rules/header.ts';
import { silencedTest } from './rules/silenced-test.ts';
import { typeEscape } from './rules/type-escape.ts';
import { unfinished } from './rules/unfinished.ts';
import { words } from './rules/words.ts';
import { rules } from './run.ts';

interface Case {
  readonly rule: Rule;
  /** Where the texts below are said to stand. */
  readonly path: string;
  readonly sins: readonly string[];
  readonly nearMisses: readonly string[];
  /** Other files of the checkout. */
  readonly around?: readonly SourceFile[];
}

const pure = 'packages/storage/src/seat.ts';
const long = (lines: number): string => 'x();\n'.repeat(lines);
const todo = ['TO', 'DO'].join('');

const cases: readonly Case[] = [
  {
    rule: ambient,
    path: pure,
    sins: [
      'const now = Date.now();',
      'const now = new Date();',
      'const r = Math.random();',
      "const r = Math['random']();",
      'const r = Math?.random();',
      'globalThis.x = 1;',
      'setTimeout(f, 1);',
      'const b = Buffer.from(x);',
      'if (process.env.X) f();',
      'const { env } = process;',
      'new WeakRef(x);',
      'const f = { Date };',
      'const f = x ? Date : y;',
      'const f = x ? fetch(y) : z;',
      "import { readFile } from 'node:fs';",
      "const fs = await import('node:fs');",
      'const s = `a ${Date.now()} b`;',
      'const s = `a ${`b ${performance.now()}`} c`;',
      'const x = a / b; Date.now(); const y = c / d;',
      'console.log(1);',
    ],
    nearMisses: [
      'const a = foo.process;',
      'const a = record.Date;',
      'const a = record?.Date;',
      'const a = Math.max(1, 2);',
      'const a = random.Math;',
      '// Date.now() is banned\nconst a = 1;',
      '/* setTimeout(f) */ const a = 1;',
      "const a = 'Date.now()';",
      'const a = "it\\"s process.env";',
      'const a = `Date.now() ${b} process`;',
      'const a = /Date\\/process/g.test(b);',
      'const a = b.replace(/[/"\']Date/, c);',
      'class A { process(job: Job): void { f(job); } }',
      'class A { async fetch(): Promise<void> { await f(); } }',
      'interface A { readonly performance: number; fetch?: () => void }',
      'const a = { process: 1, Date: 2 };',
      'const dateOf = 1; const processed = 2;',
      'class A { #process = 1; f() { return this.#process; } }',
      "import { a } from './process.ts';",
    ],
  },
  {
    rule: bareCatch,
    path: pure,
    sins: [
      'try { f(); } catch { g(); }',
      'try { f(); } catch (error) { g(error); }',
      'try { f(); } catch (error) { throw new Other(); }',
      "try { f(); } catch (error) { log('throw error'); }",
      'try { f(); } catch (error) { /* throw error */ }',
      'await f().catch(() => undefined);',
      'await f().catch((error) => note(error));\nfunction note(error: unknown): void { list.push(error); }',
    ],
    nearMisses: [
      'try { f(); } catch (error) { g(); throw error; }',
      'try { f(); } catch (error) { if (!(error instanceof DiskError)) throw error; }',
      'try { f(); } catch (error) { if (error instanceof DiskError) return 1; else throw error; }',
      '// catch { everything }\nf();',
      "const a = 'catch { x }';",
      'const a = net.catch;',
      'await f().catch((error) => { g(); throw error; });',
      'interface A { catch: number }',
      'class A { f() { g().catch((e: unknown) => this.#h(e)); } #h(e: unknown): void { if (!(e instanceof B)) throw e; } }',
      'try { f(); } catch (error) { return named(error); }\nfunction named(e: unknown): B { if (e instanceof B) return e; }',
    ],
  },
  {
    rule: fileLength,
    path: pure,
    sins: [long(401)],
    nearMisses: [long(400)],
  },
  {
    rule: functionLength,
    path: pure,
    sins: [
      `function f() {\n${long(60)}}`,
      `export async function f<T>(a: { b: T }): Promise<{ c: T }> {\n${long(60)}}`,
      `class A {\n  #f(a: number): void {\n${long(60)}}\n}`,
      `const f = (a: number): number => {\n${long(60)}};`,
    ],
    nearMisses: [
      `function f() {\n${long(58)}}`,
      `class A {\n${'f() { x(); }\n'.repeat(80)}}`,
      `f(1);\nif (a) {\n${long(80)}}`,
      `interface A { f(): { a: number } }\nconst b = {\n${'a: 1,\n'.repeat(80)}};`,
      `const text = \`function f() {\n${long(80)}}\`;`,
    ],
  },
  {
    rule: deadFile,
    path: 'packages/cli/src/main.ts',
    around: [{ path: 'packages/base/src/hash.ts', text: 'export const a = 1;' }],
    sins: ['const a = 1;', "// import './hash.ts'\nconst a = '@torc/base/hash';", "import '@torc/base/hash-two';"],
    nearMisses: [
      "import { a } from '@torc/base/hash';",
      "import type { a } from '../../base/src/hash.ts';",
      "export { a } from '@torc/base/hash';",
      "const a = await import('@torc/base/hash');",
      "new URL('../../base/src/hash.js', import.meta.url);",
    ],
  },
  {
    rule: deadReference,
    path: 'docs/concepts/record.md',
    around: [
      { path: 'packages/base/src/record/merge.ts', text: '' },
      { path: 'docs/formats/log.md', text: '' },
      { path: 'docs/concepts/record.md', text: '' },
    ],
    sins: [
      'see `packages/base/src/record/gone.ts`',
      'see `packages/base/src/gone/`',
      'see `record/gone.ts`',
      'see `gone.ts`',
      'see `../formats/gone.md`',
      'see [the log](../formats/gone.md)',
      'see [the log](../formats/gone.md#header)',
      'see `packages/base/src/record/gone.ts:12`',
    ],
    nearMisses: [
      'see `packages/base/src/record/merge.ts`',
      'see `packages/base/src/record/merge.ts:12`',
      'see `packages/base/src/record/`',
      'see `record/merge.ts` and `merge.ts`',
      'see [the log](../formats/log.md#header)',
      'see [the law](https://example.org/gone.md) and [below](#here)',
      '```\npackages/base/src/gone.ts `gone.ts`\n```',
      'data in `./data/node-1`, built into `packages/base/dist/merge.js`',
      'any `packages/*/src` or `packages/<name>/src`, `read/write`, `GET /x`, `.ts`',
    ],
  },
  {
    rule: header,
    path: pure,
    sins: [
      'export const a = 1;',
      '// A line.\nexport const a = 1;',
      'export const a = 1;\n/** Too late. */\nconst b = 2;',
    ],
    nearMisses: [
      '/** What it is. */\nexport const a = 1;',
      "import { b } from './b.ts';\n/** What it is. */\nexport const a = b;",
      "import { b } from './b.ts';\nconst c = 1;\n\n/** On the first export. */\nexport const a = b + c;",
      '#!/usr/bin/env node\n/** What it is. */\nmain();',
    ],
  },
  {
    rule: silencedTest,
    path: 'packages/base/test/a.test.ts',
    sins: [
      "test.only('a', f);",
      "it.skip('a', f);",
      "describe.todo('a');",
      "test('a', { only: true }, f);",
      "test('a', { skip: true }, f);",
      't.skip();',
    ],
    nearMisses: [
      "test('a', { skip: 'no redis here' }, f);",
      "t.skip('no redis here');",
      'reader.skip(4);',
      "// test.only('a')\nf();",
      "const a = 'test.only';",
      'const only = list.only;',
      "test('a', { skip: missing ? 'no redis here' : false }, f);",
    ],
  },
  {
    rule: typeEscape,
    path: pure,
    sins: [
      'const a = b as any;',
      '// @ts-ignore\nf();',
      '/* @ts-nocheck */\nf();',
      '// @ts-expect-error\nf();',
      '// @ts-expect-error: x\nf();',
    ],
    nearMisses: [
      "const a = 'b as any';",
      '// never use `as any` or @ts-ignore\nf();',
      '// @ts-expect-error the port is sealed on purpose\nf();',
      'const a = b as anything;',
    ],
  },
  {
    rule: unfinished,
    path: pure,
    sins: [`// ${todo}: later\nf();`, `/**\n * ${todo} later\n */\nf();`],
    nearMisses: [`const a = '${todo}';`, `// ${todo}S are none\nf();`, 'const a = { XXX: 1 };'],
  },
  {
    rule: unfinished,
    path: 'README.md',
    sins: [`${todo}: write`],
    nearMisses: ['a todo list'],
  },
  {
    rule: barrel,
    path: 'packages/base/src/record.ts',
    sins: [
      "export * from './a.ts';",
      "/** All. */\nexport { a, b } from './a.ts';\nexport type { C } from './c.ts';",
      "export * as a from './a.ts';",
    ],
    nearMisses: [
      "export { a } from './a.ts';\nexport const b = 1;",
      "import { a } from './a.ts';\nexport const b = a;",
      '',
    ],
  },
  {
    rule: words,
    path: 'README.md',
    sins: ['It simply starts.', 'It just works.', 'Blazing fast.'],
    nearMisses: ['It is simple.', 'It just started.', 'A blaze.'],
  },
];

for (const { rule, path, sins, nearMisses, around = [] } of cases) {
  describe(`${rule.name} in ${path}`, () => {
    const check = (text: string): readonly string[] =>
      rule.check([...around, { path, text }]).map((finding) => `${finding.path}:${finding.line} ${finding.message}`);
    for (const sin of sins) it(`sees ${label(sin)}`, () => assert.notDeepEqual(check(sin), []));
    for (const miss of nearMisses) it(`leaves ${label(miss)}`, () => assert.deepEqual(check(miss), []));
  });
}

describe('file-name', () => {
  const check = (path: string): number => fileName.check([{ path, text: '' }]).length;
  const sins = ['src/fileName.ts', 'src/file_name.ts', 'src/utils.ts', 'src/cache-manager.ts', 'helpers/a.ts', 'A.ts'];
  for (const path of sins) it(`sees ${path}`, () => assert.notEqual(check(`packages/base/${path}`), 0));
  const misses = ['src/crc32c.ts', 'src/a-b.prop.test.ts', 'src/utility-meter.ts', 'src/commonest.ts'];
  for (const path of misses) it(`leaves ${path}`, () => assert.equal(check(`packages/base/${path}`), 0));
});

describe('findings', () => {
  it('stand on the line of the sin', () => {
    const text = '/** A. */\n\nconst a = `\n\n`;\nconst b = Date.now();\n';
    assert.deepEqual(
      ambient.check([{ path: pure, text }]).map((finding) => finding.line),
      [6],
    );
  });

  it('leave what is outside the pure house alone', () => {
    assert.deepEqual(ambient.check([{ path: 'packages/server/src/clock.ts', text: 'Date.now();' }]), []);
  });
});

describe('every rule', () => {
  const tested = new Set([...cases.map(({ rule }) => rule.name), 'file-name', 'layers']);
  for (const { name } of rules) it(`${name} has its sins`, () => assert.ok(tested.has(name)));
});

function label(text: string): string {
  const line = text.replaceAll('\n', '⏎');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line || '(empty)';
}
