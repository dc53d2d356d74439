/**
 * What a stream of RESP commands means, said as plainly as possible: the whole input at once, as latin1 text, by regular
 * expressions. The decoder must agree with it on every input, well formed or not, however it is split.
 */
import type { RespLimits } from '@torc/wire/resp/limits';

/** Texts are latin1: one character a byte. */
export interface Meaning {
  readonly commands: readonly (readonly string[])[];
  /** Whether the input ends in the middle of a command or before one, or in something that cannot be followed. */
  readonly outcome: 'more' | 'broken';
}

type Step = { readonly args: readonly string[]; readonly next: number } | 'more' | 'broken';

export function meaningOf(input: string, limits: RespLimits): Meaning {
  const commands: (readonly string[])[] = [];
  for (let at = 0; at < input.length; ) {
    const step = input[at] === '*' ? arrayAt(input, at, limits) : inlineAt(input, at, limits);
    if (typeof step === 'string') return { commands, outcome: step };
    if (step.args.length > 0) commands.push(step.args);
    at = step.next;
  }
  return { commands, outcome: 'more' };
}

function arrayAt(input: string, begin: number, limits: RespLimits): Step {
  const count = numberAt(input, begin + 1);
  if (typeof count === 'string') return count;
  if (count.value > limits.args) return 'broken';
  const args: string[] = [];
  let at = count.next;
  while (args.length < count.value) {
    if (at >= input.length) return 'more';
    if (input[at] !== '$') return 'broken';
    const length = numberAt(input, at + 1);
    if (typeof length === 'string') return length;
    const end = length.next + length.value;
    if (length.value < 0 || length.value > limits.bulkBytes || end - begin > limits.commandBytes) return 'broken';
    if (end + 2 > input.length) return 'more';
    if (input.slice(end, end + 2) !== '\r\n') return 'broken';
    args.push(input.slice(length.next, end));
    at = end + 2;
  }
  return { args, next: at };
}

function numberAt(input: string, at: number): { readonly value: number; readonly next: number } | 'more' | 'broken' {
  const line = matchAt(/(-0{0,9}1|\d{1,10})\r\n/y, input, at);
  if (line !== null) return { value: Number(line[1]), next: at + line[0].length };
  return matchAt(/-?\d{0,10}\r?$/y, input, at) === null ? 'broken' : 'more';
}

function inlineAt(input: string, begin: number, limits: RespLimits): Step {
  const end = input.indexOf('\n', begin);
  if ((end < 0 ? input.length : end) - begin > limits.inlineBytes) return 'broken';
  if (end < 0) return 'more';
  const args = wordsOf(input.slice(begin, end).replace(/\r$/, ''));
  return args === undefined ? 'broken' : { args, next: end + 1 };
}

/** Bare characters, then at most one quoted part, then a blank or the end. */
const WORD = /([^ \t\r"']*)(?:"((?:\\[^]|[^"\\])*)"|'((?:\\'|\\(?!')|[^'\\])*)')?(?=[ \t\r]|$)/y;

export function wordsOf(line: string): readonly string[] | undefined {
  const words: string[] = [];
  for (let at = blankEnd(line, 0); at < line.length; ) {
    const word = matchAt(WORD, line, at);
    if (word === null) return undefined;
    const [whole, bare = '', double = '', single = ''] = word;
    words.push(bare + unescaped(double) + single.replaceAll("\\'", "'"));
    at = blankEnd(line, at + whole.length);
  }
  return words;
}

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|([^]))/g, (_, hex: string | undefined, plain: string) =>
    hex === undefined ? (CONTROLS[plain] ?? plain) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function blankEnd(line: string, at: number): number {
  return at + (matchAt(/[ \t\r]*/y, line, at)?.[0].length ?? 0);
}

function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}
