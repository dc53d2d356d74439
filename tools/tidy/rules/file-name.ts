/** Files and folders are named in kebab-case after the one thing that they hold. */
import type { Finding, Rule, SourceFile } from '../rule.ts';
import { isTypeScript } from '../scope.ts';

const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const vague = new Set(['util', 'utils', 'helper', 'helpers', 'manager', 'common', 'misc']);

export const fileName: Rule = {
  name: 'file-name',
  advice: false,
  check: (files) => files.filter((file) => isTypeScript(file)).flatMap((file) => checkName(file)),
};

function checkName({ path }: SourceFile): readonly Finding[] {
  return path
    .replace(/\.ts$/, '')
    .split(/[/.]/)
    .flatMap((part) => {
      if (!kebab.test(part)) return [{ path, line: 1, message: `"${part}" is not kebab-case` }];
      const word = part.split('-').find((one) => vague.has(one));
      return word === undefined ? [] : [{ path, line: 1, message: `"${word}" says nothing: name the one thing` }];
    });
}
