/**
 * Splits TypeScript into tokens, so that rules see code where there is code: a banned name in a comment, in a string
 * or behind a dot is no sin. TypeScript 7 has no compiler API to ask.
 *
 * It knows strings, templates with code inside, comments, numbers and regular expressions. Whether a slash divides or
 * opens a regular expression is decided by the token before it, which is right except for an expression that begins
 * a statement behind a closing parenthesis (`if (x) /a/.test(y)`), a form that the formatter's users do not write.
 */
export type TokenKind = 'word' | 'number' | 'string' | 'template' | 'regex' | 'comment' | 'punctuation';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Offset of the first character. */
  readonly start: number;
  /** Line of the first character, from 1. */
  readonly line: number;
}

const spaces = /\s+/y;
const words = /#?[\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
const numbers = /(?:0[xXbBoO][\da-fA-F_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][+-]?\d+)?\.?)n?/y;
const strings = /'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"/y;
const comments = /\/\/[^\n]*|\/\*[^]*?\*\//y;
const regexes = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const marks = /=>|\?\.(?!\d)|\.\.\.|\+\+|--|[^]/y;
const templateParts = /(?:[^`\\$]|\\[^]|\$(?!\{))*(`|\$\{)/y;

/** Words after which an operand follows, so that a slash opens a regular expression. */
const operators = new Set(
  'return typeof case in of delete void throw new else do instanceof yield await extends default'.split(' '),
);

export function tokenize(text: string): readonly Token[] {
  return new Tokenizer(text).run();
}

/** The tokens that a compiler would see. */
export function withoutComments(tokens: readonly Token[]): readonly Token[] {
  return tokens.filter((token) => token.kind !== 'comment');
}

class Tokenizer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  /** The same without comments. */
  readonly #code: Token[] = [];
  /** For each open `${`, how many braces are open inside it. */
  readonly #templates: number[] = [];
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  run(): readonly Token[] {
    if (this.#text.startsWith('#!')) this.#take('comment', /#![^\n]*/y);
    while (this.#at < this.#text.length) this.#next();
    return this.#tokens;
  }

  #next(): void {
    const space = this.#match(spaces);
    if (space !== undefined) return this.#skip(space);
    if (this.#take('comment', comments) || this.#take('string', strings)) return;
    if (this.#text[this.#at] === '`') {
      this.#push('punctuation', '`');
      return this.#template();
    }
    if (this.#take('word', words) || this.#take('number', numbers)) return;
    if (this.#text[this.#at] === '/' && this.#operandFollows() && this.#take('regex', regexes)) return;
    this.#mark();
  }

  #mark(): void {
    const text = this.#match(marks) ?? '';
    this.#push('punctuation', text);
    const depth = this.#templates.at(-1);
    if (depth === undefined) return;
    if (text === '{') this.#templates[this.#templates.length - 1] = depth + 1;
    if (text !== '}') return;
    if (depth > 0) {
      this.#templates[this.#templates.length - 1] = depth - 1;
    } else {
      this.#templates.pop();
      this.#template();
    }
  }

  /** From behind a backtick, or behind the brace that closes an expression, to the next of either. */
  #template(): void {
    const part = this.#match(templateParts) ?? this.#text.slice(this.#at);
    this.#push('template', part);
    if (part.endsWith('${')) this.#templates.push(0);
  }

  #operandFollows(): boolean {
    const last = this.#code.at(-1);
    if (last === undefined) return true;
    switch (last.kind) {
      case 'word':
        return operators.has(last.text) && this.#code.at(-2)?.text !== '.';
      case 'punctuation':
        if (last.text === '!') return !endsOperand(this.#code.at(-2));
        return ![')', ']', '++', '--'].includes(last.text);
      case 'template':
        return last.text.endsWith('${');
      default:
        return false;
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    return found === '' ? undefined : found;
  }

  #take(kind: TokenKind, pattern: RegExp): boolean {
    const found = this.#match(pattern);
    if (found !== undefined) this.#push(kind, found);
    return found !== undefined;
  }

  #push(kind: TokenKind, text: string): void {
    const token = { kind, text, start: this.#at, line: this.#line };
    this.#tokens.push(token);
    if (kind !== 'comment') this.#code.push(token);
    this.#skip(text);
  }

  #skip(text: string): void {
    this.#at += text.length;
    for (const character of text) if (character === '\n') this.#line += 1;
  }
}

function endsOperand(token: Token | undefined): boolean {
  if (token === undefined) return false;
  return token.kind === 'word' ? !operators.has(token.text) : token.text === ')' || token.text === ']';
}
