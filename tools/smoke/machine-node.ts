/**
 * The Node that the machine has, which is not the one that the repository pins. An operator's machine is not ours, so
 * what is built has to run on the oldest that we support.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join, sep } from 'node:path';

export interface MachineNode {
  readonly path: string;
  readonly version: string;
}

const oldestMajor = 20;

/** The first `node` on PATH outside every `node_modules/.bin`, or undefined. Throws when it is older than we support. */
export function findMachineNode(path: string = process.env['PATH'] ?? ''): MachineNode | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== '' && !folder.endsWith(`node_modules${sep}.bin`));
  const found = folders.map((folder) => join(folder, 'node')).find((file) => isExecutable(file));
  if (found === undefined) return undefined;
  const version = execFileSync(found, ['--version'], { encoding: 'utf8' }).trim();
  const major = Number(/^v(\d+)\./.exec(version)?.[1]);
  if (!(major >= oldestMajor))
    throw new Error(`${found} is ${version}: put Node ${oldestMajor} or newer first on PATH`);
  return { path: found, version };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
