/** Reads the checkout into memory, for rules to look at. Only text of ours is read; of other files the name is enough. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';
import { filesUnder } from '../source/files.ts';
import type { SourceFile } from './rule.ts';

const ours = /\.(ts|mjs|md|json)$/;

export function loadFiles(): readonly SourceFile[] {
  return filesUnder('', '').map((path) => ({
    path,
    text: ours.test(path) ? readFileSync(join(root, path), 'utf8') : '',
  }));
}
