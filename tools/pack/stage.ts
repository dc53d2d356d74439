/**
 * Makes the one package that people install. The @torc packages are not published on their own, so the ones that
 * `torc` needs travel inside its tarball (`bundleDependencies`), with what was built and nothing else; what they need
 * from npm becomes a dependency of `torc` itself.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { binFolder, root } from '../root.ts';
import { filesUnder } from '../source/files.ts';
import { bundledManifest, packageManifest, torcNames, type Manifest } from './manifest.ts';

/** Builds, stages into `folder` (emptied first) and packs. Returns the path of the tarball, which stands beside it. */
export function pack(folder: string): string {
  build();
  stage(folder);
  const destination = dirname(folder);
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', destination], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const name = /"filename": "([^"]+)"/.exec(output)?.[1];
  if (name === undefined) throw new Error(`npm pack printed no file name, but:\n${output}`);
  return join(destination, name);
}

function build(): void {
  execFileSync(join(binFolder, 'tsc'), ['-b'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}

function stage(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const torc = readManifest('torc');
  const bundled = closure(torc);
  writeManifest(folder, packageManifest(torc, bundled));
  copyBuilt('torc', folder);
  for (const manifest of bundled) {
    const name = folderOf(manifest);
    const target = join(folder, 'node_modules', '@torc', name);
    mkdirSync(target, { recursive: true });
    writeManifest(target, bundledManifest(manifest));
    copyBuilt(name, target);
  }
  for (const document of ['README.md', 'LICENSE']) {
    if (!existsSync(join(root, document))) throw new Error(`${document} is missing: the package may not go without it`);
    cpSync(join(root, document), join(folder, document));
  }
}

/** Every @torc package that one needs, itself left out. */
function closure(start: Manifest): readonly Manifest[] {
  const reached = new Map<string, Manifest>();
  const visit = (manifest: Manifest): void => {
    for (const name of torcNames(manifest)) {
      if (reached.has(name)) continue;
      const next = readManifest(name.replace('@torc/', ''));
      reached.set(name, next);
      visit(next);
    }
  };
  visit(start);
  return [...reached.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Copies dist, but for what an earlier build left there of a source that is gone. */
function copyBuilt(name: string, target: string): void {
  const sources = filesUnder(`packages/${name}/src`, '.ts');
  if (sources.length === 0) throw new Error(`packages/${name}/src is empty: there is nothing to pack`);
  for (const source of sources) {
    const stem = source.slice(`packages/${name}/src/`.length).replace(/\.ts$/, '');
    for (const ending of ['.js', '.d.ts']) {
      const to = join(target, 'dist', stem + ending);
      mkdirSync(dirname(to), { recursive: true });
      cpSync(join(root, 'packages', name, 'dist', stem + ending), to);
    }
  }
}

function folderOf(manifest: Manifest): string {
  return manifest.name.replace('@torc/', '');
}

function readManifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as Manifest;
}

function writeManifest(folder: string, manifest: Manifest): void {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
