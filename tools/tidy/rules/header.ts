/** A file begins by saying what it is and why: a block comment at its top, or on the first thing that it exports. */
import { tokenize } from '../../source/tokens.ts';
import type { Rule } from '../rule.ts';
import { isPackageSource } from '../scope.ts';

export const header: Rule = {
  name: 'header',
  advice: false,
  check: (files) =>
    files
      .filter((file) => isPackageSource(file))
      .flatMap(({ path, text }) => {
        const tokens = tokenize(text);
        const firstExport = tokens.findIndex((token) => token.kind === 'word' && token.text === 'export');
        const before = firstExport < 0 ? tokens : tokens.slice(0, firstExport);
        if (before.some((token) => token.kind === 'comment' && token.text.startsWith('/*'))) return [];
        return [{ path, line: 1, message: 'no header: say in a block comment what this file is, and why' }];
      }),
};
