/**
 * Paths as the disk port writes them: relative, `/` between names, no `..`. The root is the empty path.
 * A path that breaks this is a bug of its caller.
 */
import { assert } from '@torc/base/assert';

export function checkPath(path: string): string {
  if (path === '') return path;
  for (const name of path.split('/')) {
    assert(name !== '' && name !== '.' && name !== '..' && !name.includes('\0'), `not a path of a disk: ${path}`);
  }
  return path;
}

/** The directory that holds `path`. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
