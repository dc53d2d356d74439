/**
 * A reporter for `node --test` that writes one JSON object a line: every test that ended, with its name and error.
 * `test-run.ts` reads them. It exists because the built-in reporters are made for eyes (spec), or lose the error's
 * cause (tap, junit).
 */
import { inspect } from 'node:util';
import { relative } from 'node:path';
import { root } from '../root.ts';
import type { TestLine } from './test-lines.ts';

interface TestData {
  readonly name: string;
  readonly nesting: number;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly message?: string;
  readonly details?: { readonly type?: string; readonly error?: Error & { readonly failureType?: string } };
}

interface TestEvent {
  readonly type: string;
  readonly data: TestData;
}

/** @public Loaded by its path. */
export default async function* reporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const parents: string[] = [];
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      parents.length = data.nesting;
      parents[data.nesting] = data.name;
    }
    const line = lineFor(type, data, parents);
    if (line !== undefined) yield `${JSON.stringify(line)}\n`;
  }
}

function lineFor(type: string, data: TestData, parents: readonly string[]): TestLine | undefined {
  const file = data.file === undefined ? '' : relative(root, data.file);
  // The same event tells of a leak in a test that passed: an error that came after its end.
  if (type === 'test:diagnostic' && data.message?.includes('asynchronous activity after the test ended')) {
    return { kind: 'fail', name: 'activity after the end of a test', file, error: data.message };
  }
  if (type !== 'test:pass' && type !== 'test:fail') return undefined;
  if (data.details?.type === 'suite' && data.details.error?.failureType !== 'hookFailed') return undefined;
  const name = [...parents.slice(0, data.nesting), data.name].join(' > ');
  // With no test inside, the file itself is reported as a test that passed.
  const isFile = data.nesting === 0 && data.line === 1 && data.column === 1 && data.name.endsWith('.test.ts');
  if (type === 'test:pass') {
    if (isFile) return { kind: 'fail', name, file, error: 'the file holds no test: give it one, or delete it' };
    const reason = data.skip ?? data.todo;
    if (reason === undefined || reason === false) return { kind: 'pass', name, file };
    return { kind: 'skip', name, file, reason: reason === true ? 'no reason given' : reason };
  }
  const error = data.details?.error;
  // A parent fails because of its children, which are reported themselves.
  const shown = error?.failureType === 'subtestsFailed' ? '' : inspect(error?.cause ?? error);
  return { kind: 'fail', name, file, error: shown };
}
