/** A function fits one screen. Tests are left alone: a `describe` is a chapter and not a function. */
import { functionsOf } from '../../source/functions.ts';
import { tokenize } from '../../source/tokens.ts';
import type { Rule } from '../rule.ts';
import { isTest, isTypeScript } from '../scope.ts';

const maxLines = 60;

export const functionLength: Rule = {
  name: 'function-length',
  advice: true,
  check: (files) =>
    files
      .filter((file) => isTypeScript(file) && !isTest(file))
      .flatMap(({ path, text }) =>
        functionsOf(tokenize(text))
          .filter((site) => site.lines > maxLines)
          .map(({ name, line, lines }) => ({
            path,
            line,
            subject: name,
            message: `${name} has ${lines} lines, more than ${maxLines}: name its parts`,
          })),
      ),
};
