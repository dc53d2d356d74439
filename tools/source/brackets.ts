/** Where each opening bracket of a list of tokens closes. */
import type { Token } from './tokens.ts';

const closers: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);

/** Index of an opening bracket to the index of its closing one. Brackets that never close are left out. */
export function matchBrackets(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  const open: { readonly at: number; readonly closer: string }[] = [];
  tokens.forEach((token, at) => {
    // The braces of a template's expression belong to the template: `${` is inside its token, so its `}` is unpaired.
    if (token.kind !== 'punctuation') {
      if (token.kind === 'template' && token.text.endsWith('${')) open.push({ at, closer: '}' });
      return;
    }
    const closer = closers.get(token.text);
    if (closer !== undefined) open.push({ at, closer });
    else if (open.at(-1)?.closer === token.text) pairs.set(open.pop()?.at ?? at, at);
  });
  return pairs;
}
