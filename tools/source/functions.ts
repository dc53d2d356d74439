/** The functions of a source file that have a body in braces, with the lines that each takes. */
import { matchBrackets } from './brackets.ts';
import { withoutComments, type Token } from './tokens.ts';

export interface FunctionSite {
  readonly name: string;
  readonly line: number;
  /** From the line of its name to that of its closing brace. */
  readonly lines: number;
  /** What stands between its braces, comments left out. */
  readonly body: readonly Token[];
}

const notNames = new Set('if for while switch catch with return await typeof function'.split(' '));

export function functionsOf(tokens: readonly Token[]): readonly FunctionSite[] {
  const code = withoutComments(tokens);
  const pairs = matchBrackets(code);
  const sites: FunctionSite[] = [];
  code.forEach((token, at) => {
    const body = token.text === '=>' ? arrowBody(code, at) : namedBody(code, pairs, at);
    if (body === undefined) return;
    const close = pairs.get(body) ?? body;
    const end = code[close];
    if (end === undefined) return;
    const name = token.text === '=>' ? arrowName(code, at) : token.text;
    sites.push({ name, line: token.line, lines: end.line - token.line + 1, body: code.slice(body + 1, close) });
  });
  return sites;
}

function arrowBody(code: readonly Token[], at: number): number | undefined {
  return code[at + 1]?.text === '{' ? at + 1 : undefined;
}

/** `const name = (...) => {`, when that stands on the arrow's own line; otherwise it has none. */
function arrowName(code: readonly Token[], at: number): string {
  const line = code[at]?.line;
  for (let back = at; back > 0 && code[back]?.line === line; back -= 1) {
    if (code[back]?.text === 'const') return code[back + 1]?.text ?? 'arrow';
  }
  return 'arrow';
}

/** The body of `name(...) {` or `name<T>(...): Type {`, whether a function, a method or a constructor. */
function namedBody(code: readonly Token[], pairs: ReadonlyMap<number, number>, at: number): number | undefined {
  const name = code[at];
  if (name?.kind !== 'word' || notNames.has(name.text)) return undefined;
  if (['.', '?.', 'new'].includes(code[at - 1]?.text ?? '')) return undefined;
  const open = code[at + 1]?.text === '<' ? behindGenerics(code, at + 1) : at + 1;
  if (code[open]?.text !== '(') return undefined;
  const close = pairs.get(open);
  if (close === undefined) return undefined;
  if (code[close + 1]?.text === '{') return close + 1;
  return code[close + 1]?.text === ':' ? behindType(code, pairs, close + 2) : undefined;
}

function behindGenerics(code: readonly Token[], at: number): number {
  let depth = 0;
  for (let next = at; next < code.length; next += 1) {
    if (code[next]?.text === '<') depth += 1;
    if (code[next]?.text === '>') depth -= 1;
    if (depth === 0) return next + 1;
  }
  return code.length;
}

/** The brace that opens a body behind a return type, past the braces of types; undefined for a mere signature. */
function behindType(code: readonly Token[], pairs: ReadonlyMap<number, number>, from: number): number | undefined {
  const typeGoesOn = new Set([':', '|', '&', '=>', '<', ',', 'extends', '?']);
  for (let at = from; at < code.length; at += 1) {
    const text = code[at]?.text ?? '';
    if (text === '{' && !typeGoesOn.has(code[at - 1]?.text ?? '')) return at;
    if ([';', '=', ')', '}'].includes(text)) return undefined;
    at = pairs.get(at) ?? at;
  }
  return undefined;
}
