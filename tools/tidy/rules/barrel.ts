/**
 * No file that only passes on what others export: an import names the file where the thing is, so that a reader finds
 * it and an unused export is seen.
 */
import { tokenize, withoutComments } from '../../source/tokens.ts';
import type { Rule } from '../rule.ts';
import { isTypeScript } from '../scope.ts';

export const barrel: Rule = {
  name: 'barrel',
  advice: false,
  check: (files) =>
    files
      .filter((file) => isTypeScript(file) && onlyPassesOn(file.text))
      .map(({ path }) => ({
        path,
        line: 1,
        message: 'a barrel: import from the files themselves',
      })),
};

function onlyPassesOn(text: string): boolean {
  const code = withoutComments(tokenize(text))
    .map((token) => token.text)
    .join(' ');
  const passed = /export (?:type )?(?:\*(?: as \w+)?|\{[^}]*\}) from (?:'[^']*'|"[^"]*") ?;? ?/g;
  return code !== '' && passed.test(code) && code.replaceAll(passed, '') === '';
}
