/** The files of the checkout that people wrote, by path relative to its root with `/` between folders, sorted. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';

const skippedFolders = new Set(['node_modules', 'dist', 'build', 'data', '.git']);

/** Every file under a folder whose name ends as given. A folder that does not exist holds none. */
export function filesUnder(folder: string, ending: string): readonly string[] {
  const found: string[] = [];
  const walk = (at: string): void => {
    for (const entry of readdirSync(join(root, at), { withFileTypes: true })) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!skippedFolders.has(entry.name)) walk(path);
      } else if (entry.isFile() && entry.name.endsWith(ending)) {
        found.push(path);
      }
    }
  };
  if (existsSync(join(root, folder))) walk(folder);
  return found.toSorted();
}

/** The folders in packages/ that hold a package. */
export function packageNames(): readonly string[] {
  return readdirSync(join(root, 'packages'))
    .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
    .toSorted();
}
