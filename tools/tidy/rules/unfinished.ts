/** What is left to do stands in the issue tracker, where somebody reads it, and not in a comment or a document. */
import { tokenize } from '../../source/tokens.ts';
import type { Finding, Rule } from '../rule.ts';
import { isDocument, isTypeScript } from '../scope.ts';

const mark = /\b(TODO|FIXME|XXX)\b/;

export const unfinished: Rule = {
  name: 'unfinished',
  advice: false,
  check: (files) =>
    files.flatMap((file) => {
      if (isDocument(file)) return marksIn(file.path, file.text, 1);
      if (!isTypeScript(file)) return [];
      const comments = tokenize(file.text).filter((token) => token.kind === 'comment');
      return comments.flatMap((comment) => marksIn(file.path, comment.text, comment.line));
    }),
};

function marksIn(path: string, text: string, firstLine: number): readonly Finding[] {
  return text.split('\n').flatMap((row, index) => {
    const found = mark.exec(row)?.[1];
    return found === undefined ? [] : [{ path, line: firstLine + index, message: `${found}: do it, or file an issue` }];
  });
}
