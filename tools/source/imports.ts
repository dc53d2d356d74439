/** The modules that a source file names: static imports, re-exports, `import('x')` and types imported in place. */
import { posix } from 'node:path';
import { withoutComments, type Token } from './tokens.ts';

export interface ImportSite {
  readonly specifier: string;
  readonly line: number;
}

export function importsOf(tokens: readonly Token[]): readonly ImportSite[] {
  const code = withoutComments(tokens);
  const sites: ImportSite[] = [];
  code.forEach((token, at) => {
    if (token.kind !== 'string') return;
    const before = code[at - 1]?.text;
    const called = before === '(' && code[at - 2]?.text === 'import';
    if (before === 'from' || before === 'import' || called) {
      sites.push({ specifier: token.text.slice(1, -1), line: token.line });
    }
  });
  return sites;
}

/** The path in the checkout that a specifier means, or undefined when it is a module from Node or npm. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  const [, name, rest] = /^@torc\/([^/]+)\/(.+)$/.exec(specifier) ?? [];
  return name === undefined ? undefined : `packages/${name}/src/${rest}.ts`;
}
