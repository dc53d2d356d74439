/**
 * The pure house touches nothing outside its ports: no clock, no randomness, no timer, no process, no Node module.
 * The compiler and the linter say most of it too; this one also sees through a cast or a disabled lint line.
 */
import { ambientGlobals, ambientMembers } from '../../layers/ambient.ts';
import { matchBrackets } from '../../source/brackets.ts';
import { importsOf } from '../../source/imports.ts';
import { tokenize, withoutComments, type Token } from '../../source/tokens.ts';
import type { Finding, Rule, SourceFile } from '../rule.ts';
import { isPureSource } from '../scope.ts';

const banned = new Set(ambientGlobals);
const beforeName = new Set(['{', '}', ';', ',', '(', 'async', 'static', 'readonly', 'get', 'set', 'private', '*']);

export const ambient: Rule = {
  name: 'ambient',
  advice: false,
  check: (files) => files.filter((file) => isPureSource(file)).flatMap((file) => checkFile(file)),
};

function checkFile({ path, text }: SourceFile): readonly Finding[] {
  const tokens = tokenize(text);
  const code = withoutComments(tokens);
  const pairs = matchBrackets(code);
  const found: Finding[] = [];
  code.forEach((token, at) => {
    if (token.kind !== 'word') return;
    if (isAmbientMember(code, at)) {
      found.push({ path, line: token.line, message: `${memberName(code, at)} in the pure house: take a port` });
    } else if (banned.has(token.text) && !isPropertyName(code, pairs, at)) {
      found.push({ path, line: token.line, message: `${token.text} in the pure house: take a port` });
    }
  });
  for (const { specifier, line } of importsOf(tokens)) {
    if (specifier.startsWith('node:'))
      found.push({ path, line, message: `${specifier} in the pure house: take a port` });
  }
  return found;
}

function isAmbientMember(code: readonly Token[], at: number): boolean {
  return ambientMembers.some(
    ([object, property]) =>
      code[at]?.text === object &&
      code[at - 1]?.text !== '.' &&
      ((isDot(code[at + 1]) && code[at + 2]?.text === property) ||
        (code[at + 1]?.text === '[' && code[at + 2]?.text.slice(1, -1) === property)),
  );
}

function memberName(code: readonly Token[], at: number): string {
  return `${code[at]?.text}.${(code[at + 2]?.text ?? '').replaceAll(/\W/g, '')}`;
}

/** `a.process`, `{ process: 1 }`, `process(job): void` in a class: the name of a member, not the global. */
function isPropertyName(code: readonly Token[], pairs: ReadonlyMap<number, number>, at: number): boolean {
  const before = code[at - 1]?.text ?? ';';
  if (isDot(code[at - 1])) return true;
  if (!beforeName.has(before)) return false;
  const next = code[at + 1]?.text;
  if (next === ':' || (next === '?' && code[at + 2]?.text === ':')) return true;
  const behind = next === '(' ? code[(pairs.get(at + 1) ?? at) + 1]?.text : undefined;
  return behind === '{' || behind === ':';
}

function isDot(token: Token | undefined): boolean {
  return token?.text === '.' || token?.text === '?.';
}
