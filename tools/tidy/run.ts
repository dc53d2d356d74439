/** All rules over a list of files: the findings, sorted, with declined advice taken out. */
import { layering } from '../layers/rule.ts';
import { withoutDeclined, type RuleFinding } from './advice.ts';
import type { Allowed } from './allow.ts';
import type { Rule, SourceFile } from './rule.ts';
import { ambient } from './rules/ambient.ts';
import { bareCatch } from './rules/bare-catch.ts';
import { barrel } from './rules/barrel.ts';
import { deadFile } from './rules/dead-file.ts';
import { deadReference } from './rules/dead-reference.ts';
import { fileLength } from './rules/file-length.ts';
import { fileName } from './rules/file-name.ts';
import { functionLength } from './rules/function-length.ts';
import { header } from './rules/header.ts';
import { silencedTest } from './rules/silenced-test.ts';
import { typeEscape } from './rules/type-escape.ts';
import { unfinished } from './rules/unfinished.ts';
import { words } from './rules/words.ts';

export const rules: readonly Rule[] = [
  ambient,
  bareCatch,
  barrel,
  deadFile,
  deadReference,
  fileLength,
  fileName,
  functionLength,
  header,
  layering,
  silencedTest,
  typeEscape,
  unfinished,
  words,
];

export function tidy(files: readonly SourceFile[], allowed: readonly Allowed[]): readonly RuleFinding[] {
  const found = rules.flatMap((rule) => rule.check(files).map((finding) => ({ ...finding, rule: rule.name })));
  return withoutDeclined(found, allowed).toSorted(
    (a, b) => compare(a.path, b.path) || a.line - b.line || compare(a.rule, b.rule),
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
