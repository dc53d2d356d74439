/** A source file that nothing imports is dead, unless something other than an import starts it. */
import { posix } from 'node:path';
import { layers } from '../../layers/table.ts';
import { importsOf, resolveImport } from '../../source/imports.ts';
import { tokenize } from '../../source/tokens.ts';
import type { Rule, SourceFile } from '../rule.ts';
import { isPackageSource, isTypeScript } from '../scope.ts';

export const deadFile: Rule = {
  name: 'dead-file',
  advice: false,
  check: (files) => {
    const alive = new Set(
      layers.flatMap(({ name, entries }) => entries.map((entry) => `packages/${name}/src/${entry}`)),
    );
    for (const file of files) if (isTypeScript(file)) for (const path of named(file)) alive.add(path);
    return files
      .filter((file) => isPackageSource(file) && !alive.has(file.path))
      .map(({ path }) => ({
        path,
        line: 1,
        message: 'nothing imports this file: delete it, or name it as an entry in tools/layers/table.ts',
      }));
  },
};

/** What a file imports, and what it names by a relative path in a string: `new URL('./worker.js', import.meta.url)`. */
function named(file: SourceFile): readonly string[] {
  const tokens = tokenize(file.text);
  const imports = importsOf(tokens).map(({ specifier }) => resolveImport(file.path, specifier));
  const strings = tokens
    .filter((token) => token.kind === 'string' && /^.\.\.?\/.*\.[jt]s.$/.test(token.text))
    .map((token) => posix.join(posix.dirname(file.path), token.text.slice(1, -1).replace(/\.js$/, '.ts')));
  return [...imports, ...strings].filter((path) => path !== undefined && path !== file.path) as string[];
}
