/** A test that does not run says why; a test that silences the others is never committed. */
import { matchBrackets } from '../../source/brackets.ts';
import { tokenize, withoutComments, type Token } from '../../source/tokens.ts';
import type { Finding, Rule, SourceFile } from '../rule.ts';
import { isTest } from '../scope.ts';

const definers = new Set(['test', 'it', 'describe', 'suite']);
const contexts = new Set(['t', 'context', 'ctx']);

export const silencedTest: Rule = {
  name: 'silenced-test',
  advice: false,
  check: (files) => files.filter((file) => isTest(file)).flatMap((file) => checkFile(file)),
};

function checkFile({ path, text }: SourceFile): readonly Finding[] {
  const code = withoutComments(tokenize(text));
  const pairs = matchBrackets(code);
  return code.flatMap((token, at) => {
    const message = token.kind === 'word' ? sinAt(code, pairs, at) : undefined;
    return message === undefined ? [] : [{ path, line: token.line, message }];
  });
}

function sinAt(code: readonly Token[], pairs: ReadonlyMap<number, number>, at: number): string | undefined {
  const word = code[at]?.text ?? '';
  if (!['only', 'skip', 'todo'].includes(word)) return undefined;
  const owner = code[at - 1]?.text === '.' ? (code[at - 2]?.text ?? '') : '';
  const next = code[at + 1]?.text;
  if (definers.has(owner)) {
    return word === 'only'
      ? `${owner}.only silences the others`
      : `${owner}.${word}: give a reason, { ${word}: 'why' }`;
  }
  if (contexts.has(owner) && next === '(' && pairs.get(at + 1) === at + 2) return `${owner}.${word}() without a reason`;
  if (owner === '' && next === ':' && code[at + 2]?.text === 'true') {
    return word === 'only' ? '{ only: true } silences the others' : `{ ${word}: true } without a reason`;
  }
  return undefined;
}
