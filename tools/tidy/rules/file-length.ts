/** A file is one thing. Past this many lines it is probably two. */
import type { Rule } from '../rule.ts';
import { isTypeScript } from '../scope.ts';

const maxLines = 400;

export const fileLength: Rule = {
  name: 'file-length',
  advice: true,
  check: (files) =>
    files
      .filter((file) => isTypeScript(file))
      .flatMap(({ path, text }) => {
        const lines = text.replace(/\n$/, '').split('\n').length;
        if (lines <= maxLines) return [];
        return [{ path, line: 1, subject: 'file', message: `${lines} lines, more than ${maxLines}: carve out a part` }];
      }),
};
