/**
 * A document that names a file names one that exists. Paths are read where a document quotes them: as the target of a
 * link, and as inline code that looks like a path. Blocks of code are left alone, they show commands and output.
 */
import { posix } from 'node:path';
import type { Finding, Rule, SourceFile } from '../rule.ts';
import { isDocument } from '../scope.ts';

/** Made by running things; no checkout holds them. */
const made = /^(\.\/)?(data|dist|build|node_modules)(\/|$)|\/(dist|node_modules)(\/|$)/;

interface Tree {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
}

export const deadReference: Rule = {
  name: 'dead-reference',
  advice: false,
  check: (files) => {
    const tree = treeOf(files);
    return files.filter((file) => isDocument(file)).flatMap((file) => checkDocument(file, tree));
  },
};

function checkDocument({ path, text }: SourceFile, tree: Tree): readonly Finding[] {
  const found: Finding[] = [];
  let fenced = false;
  text.split('\n').forEach((row, index) => {
    if (/^\s*(```|~~~)/.test(row)) fenced = !fenced;
    if (fenced) return;
    const line = index + 1;
    for (const match of row.matchAll(/\]\(([^)\s]+)[^)]*\)/g)) {
      const target = match[1] ?? '';
      if (linkIsDead(path, target, tree)) found.push({ path, line, message: `the link to ${target} leads nowhere` });
    }
    for (const match of row.matchAll(/`([^`]+)`/g)) {
      const name = match[1] ?? '';
      if (codeIsDead(path, name, tree)) found.push({ path, line, message: `\`${name}\` does not exist` });
    }
  });
  return found;
}

function linkIsDead(from: string, target: string, tree: Tree): boolean {
  if (/^([a-z]+:|#)/.test(target)) return false;
  return !exists(tree, posix.join(posix.dirname(from), target.replace(/#.*$/, '')));
}

function codeIsDead(from: string, code: string, tree: Tree): boolean {
  const name = code.replace(/:\d+(-\d+)?$/, '').replace(/#.*$/, '');
  if (!/^[\w@.-]+(\/[\w@.-]+)*\/?$/.test(name) || made.test(name)) return false;
  if (/^\.\.?\//.test(name)) return !exists(tree, posix.join(posix.dirname(from), name));
  const [first = ''] = name.split('/');
  if (name.includes('/') && tree.folders.has(first)) return !exists(tree, name);
  // `record/merge.ts` and `merge.ts`: the end of some path.
  if (!/[^.]\.(ts|mjs|md)$/.test(name)) return false;
  return ![...tree.files].some((file) => file === name || file.endsWith(`/${name}`));
}

function exists(tree: Tree, path: string): boolean {
  const plain = posix.normalize(path).replace(/\/$/, '');
  return plain === '.' || tree.files.has(plain) || tree.folders.has(plain);
}

function treeOf(files: readonly SourceFile[]): Tree {
  const folders = new Set<string>();
  for (const { path } of files) {
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) folders.add(folder);
  }
  return { files: new Set(files.map(({ path }) => path)), folders };
}
