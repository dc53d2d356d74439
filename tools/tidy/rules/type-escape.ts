/** No way around the compiler: no `any` by assertion, no ignored error, and an expected one only with its reason. */
import { tokenize, type Token } from '../../source/tokens.ts';
import type { Finding, Rule, SourceFile } from '../rule.ts';
import { isTypeScript } from '../scope.ts';

const minReason = 10;

export const typeEscape: Rule = {
  name: 'type-escape',
  advice: false,
  check: (files) => files.filter((file) => isTypeScript(file)).flatMap((file) => checkFile(file)),
};

function checkFile({ path, text }: SourceFile): readonly Finding[] {
  const tokens = tokenize(text);
  return tokens.flatMap((token, at) => {
    const message = token.kind === 'comment' ? sinInComment(token.text) : sinInCode(tokens, at);
    return message === undefined ? [] : [{ path, line: token.line, message }];
  });
}

function sinInCode(tokens: readonly Token[], at: number): string | undefined {
  const isAny = tokens[at]?.text === 'as' && tokens[at]?.kind === 'word' && tokens[at + 1]?.text === 'any';
  return isAny ? '`as any` ends all checking: assert a type, or check the value' : undefined;
}

function sinInComment(comment: string): string | undefined {
  if (/^\/[/*]+\s*@ts-(ignore|nocheck)/.test(comment)) return 'the compiler is told to look away: fix the type';
  const expected = /^\/[/*]+\s*@ts-expect-error(.*)/.exec(comment);
  if (expected === null) return undefined;
  const reason = (expected[1] ?? '').replaceAll(/[^\p{L}\p{N} ]/gu, '').trim();
  return reason.length < minReason ? '@ts-expect-error without a reason' : undefined;
}
