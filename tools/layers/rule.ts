/**
 * The tidy rule that holds packages to the table: what their sources and tests import, what their package.json depends
 * on, what their tsconfig.json refers to, and what was generated from the table.
 */
import { isDeepStrictEqual } from 'node:util';
import { importsOf } from '../source/imports.ts';
import { tokenize } from '../source/tokens.ts';
import type { Finding, Rule, SourceFile } from '../tidy/rule.ts';
import { isTypeScript } from '../tidy/scope.ts';
import { layerNamed, packageName, testImports } from './allowed.ts';
import { diagram, withDiagram } from './diagram.ts';
import { lintConfig } from './lint-config.ts';
import { layers, type Layer } from './table.ts';

const tablePath = 'tools/layers/table.ts';

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly references?: readonly { readonly path: string }[];
}

export const layering: Rule = {
  name: 'layers',
  advice: false,
  check: (files) => {
    const byPath = new Map(files.map((file) => [file.path, file]));
    const present = existingLayers(files);
    return [
      ...present.flatMap((name) => {
        const layer = layerNamed(name);
        const path = `packages/${name}/package.json`;
        if (layer === undefined) return [{ path, line: 1, message: `the package has no row in ${tablePath}` }];
        return [...checkImports(layer, files), ...checkManifests(layer, files, byPath)];
      }),
      ...checkOrder(),
      ...checkGenerated(byPath, present),
    ];
  },
};

/** The folders of packages/ that hold a package. */
export function existingLayers(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path }) => /^packages\/([^/]+)\/package\.json$/.exec(path)?.[1] ?? []);
}

function checkImports(layer: Layer, files: readonly SourceFile[]): readonly Finding[] {
  const folder = `packages/${layer.name}/`;
  return files
    .filter((file) => isTypeScript(file) && file.path.startsWith(folder))
    .flatMap((file) => {
      const inSource = file.path.startsWith(`${folder}src/`);
      const may = inSource ? layer.imports : testImports(layer);
      return importsOf(tokenize(file.text)).flatMap(({ specifier, line }) => {
        const message = sinOf(layer, file.path, specifier, may, inSource);
        return message === undefined ? [] : [{ path: file.path, line, message }];
      });
    });
}

function sinOf(
  layer: Layer,
  path: string,
  specifier: string,
  may: readonly string[],
  inSource: boolean,
): string | undefined {
  if (specifier.startsWith('.')) {
    const depth = path.split('/').length - 3;
    const up = specifier.split('/').filter((part) => part === '..').length;
    if (inSource && up >= depth) return `${specifier} leaves the package's src: import @torc/<package>/<file>`;
    return /(^|\/)packages\//.test(specifier) ? `${specifier} reaches into another package` : undefined;
  }
  const name = /^@torc\/([^/]+)/.exec(specifier)?.[1];
  if (name === undefined) {
    return layer.pure && inSource ? `${specifier}: the pure house imports nothing from Node or npm` : undefined;
  }
  if (may.includes(name)) return undefined;
  return `${layer.name} may not import ${name}: ${tablePath} allows ${may.join(', ') || 'nothing'}`;
}

/** package.json and tsconfig.json name the packages that the sources import: those, and no others. */
function checkManifests(
  layer: Layer,
  files: readonly SourceFile[],
  byPath: ReadonlyMap<string, SourceFile>,
): readonly Finding[] {
  const used = usedBy(layer, files);
  const manifestPath = `packages/${layer.name}/package.json`;
  const projectPath = `packages/${layer.name}/tsconfig.json`;
  const manifest = read(byPath, manifestPath);
  const declared = Object.keys(manifest.dependencies ?? {}).flatMap((name) => /^@torc\/(.+)$/.exec(name)?.[1] ?? []);
  const referred = (read(byPath, projectPath).references ?? []).map(({ path }) => path.replace(/^\.\.\//, ''));
  const name = packageName(layer.name);
  return [
    ...(manifest.name === name ? [] : [{ path: manifestPath, line: 1, message: `its name has to be ${name}` }]),
    ...differences(manifestPath, 'a dependency on', declared, used),
    ...differences(projectPath, 'a reference to', referred, used),
  ];
}

function usedBy(layer: Layer, files: readonly SourceFile[]): readonly string[] {
  const folder = `packages/${layer.name}/src/`;
  const names = files
    .filter((file) => isTypeScript(file) && file.path.startsWith(folder))
    .flatMap((file) => importsOf(tokenize(file.text)))
    .flatMap(({ specifier }) => /^@torc\/([^/]+)/.exec(specifier)?.[1] ?? []);
  return [...new Set(names)];
}

function differences(path: string, what: string, have: readonly string[], want: readonly string[]): readonly Finding[] {
  const missing = want.filter((name) => !have.includes(name)).map((name) => `${what} ${name} is missing`);
  const extra = have.filter((name) => !want.includes(name)).map((name) => `${what} ${name} that src does not import`);
  return [...missing, ...extra].map((message) => ({ path, line: 1, message }));
}

/** A row may name only rows below its own: the table cannot hold a circle. */
function checkOrder(): readonly Finding[] {
  return layers.flatMap((layer, at) => {
    const below = layers.slice(at + 1).map(({ name }) => name);
    const wrong = layer.imports.filter((name) => !below.includes(name));
    return wrong.map((name) => ({ path: tablePath, line: 1, message: `${layer.name} -> ${name} does not point down` }));
  });
}

function checkGenerated(byPath: ReadonlyMap<string, SourceFile>, present: readonly string[]): readonly Finding[] {
  const message = 'is not what the layer table says: npm run layers -- --write';
  const lint = byPath.get('.oxlintrc.json');
  const document = byPath.get('ARCHITECTURE.md');
  const drawn = document === undefined ? undefined : withDiagram(document.text, diagram(present));
  const found: Finding[] = [];
  if (lint === undefined || !isDeepStrictEqual(JSON.parse(lint.text), lintConfig())) {
    found.push({ path: '.oxlintrc.json', line: 1, message });
  }
  if (document === undefined || drawn !== document.text) found.push({ path: 'ARCHITECTURE.md', line: 1, message });
  return found;
}

function read(byPath: ReadonlyMap<string, SourceFile>, path: string): Manifest {
  const file = byPath.get(path);
  return file === undefined ? {} : (JSON.parse(file.text) as Manifest);
}
