/**
 * In the pure house a catch names its error and looks at it: it rethrows it, or asks what it is an instance of, or
 * hands it to a function of the same file that does. The simulator strikes a crash as an exception in the middle of a
 * call; a catch that takes everything swallows it, and the dead node runs on.
 */
import { matchBrackets } from '../../source/brackets.ts';
import { functionsOf } from '../../source/functions.ts';
import { tokenize, withoutComments, type Token } from '../../source/tokens.ts';
import type { Finding, Rule, SourceFile } from '../rule.ts';
import { isPureSource } from '../scope.ts';

export const bareCatch: Rule = {
  name: 'bare-catch',
  advice: false,
  check: (files) => files.filter((file) => isPureSource(file)).flatMap((file) => checkFile(file)),
};

function checkFile({ path, text }: SourceFile): readonly Finding[] {
  const code = withoutComments(tokenize(text));
  const pairs = matchBrackets(code);
  const judges = functionsOf(code).filter(({ body }) => body.some((token) => isWord(token, 'instanceof', 'throw')));
  const names = new Set(judges.map(({ name }) => name));
  return code.flatMap((token, at) => {
    const message = isWord(token, 'catch') ? sinAt(code, pairs, at, names) : undefined;
    return message === undefined ? [] : [{ path, line: token.line, message }];
  });
}

function sinAt(
  code: readonly Token[],
  pairs: ReadonlyMap<number, number>,
  at: number,
  judges: ReadonlySet<string>,
): string | undefined {
  const next = code[at + 1]?.text;
  if (['.', '?.'].includes(code[at - 1]?.text ?? '')) {
    if (next !== '(') return undefined;
    return looksAtError(code.slice(at + 1, pairs.get(at + 1)), undefined, judges)
      ? undefined
      : '.catch() takes every error: rethrow it, or test it with instanceof';
  }
  if (next === '{') return 'catch without a name: bind the error and look at it';
  if (next !== '(') return undefined;
  const name = code[at + 2]?.text;
  const open = (pairs.get(at + 1) ?? at) + 1;
  return looksAtError(code.slice(open, pairs.get(open)), name, judges)
    ? undefined
    : `catch takes every error: \`throw ${name}\`, or test it with instanceof`;
}

/** Without a name any throw will do. */
function looksAtError(block: readonly Token[], name: string | undefined, judges: ReadonlySet<string>): boolean {
  return block.some((token, at) => {
    if (token.kind !== 'word') return false;
    if (token.text === 'instanceof') return true;
    if (token.text === 'throw') return name === undefined || block[at + 1]?.text === name;
    return judges.has(token.text) && (name === undefined || block.slice(at).some((word) => isWord(word, name)));
  });
}

function isWord(token: Token, ...words: readonly string[]): boolean {
  return token.kind === 'word' && words.includes(token.text);
}
