/** Words that praise or wave hands instead of saying something. The list is short on purpose. */
import type { Rule } from '../rule.ts';
import { isDocument } from '../scope.ts';

const banned = /\b(simply|just works|blazing(?:ly)?)\b/i;

export const words: Rule = {
  name: 'words',
  advice: false,
  check: (files) =>
    files
      .filter((file) => isDocument(file))
      .flatMap(({ path, text }) =>
        text.split('\n').flatMap((row, index) => {
          const found = banned.exec(row)?.[1];
          return found === undefined
            ? []
            : [{ path, line: index + 1, message: `"${found}": say what it does instead` }];
        }),
      ),
};
