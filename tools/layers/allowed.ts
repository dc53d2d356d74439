/** What the table means for one package: the names that its sources and its tests may import. */
import { layers, type Layer } from './table.ts';

/** As it stands in package.json. */
export function packageName(layer: string): string {
  return layer === 'torc' ? 'torc' : `@torc/${layer}`;
}

/** The layers that the tests of a package may import: itself, what its sources may, everything below, and its extras. */
export function testImports(layer: Layer): readonly string[] {
  return [...new Set([layer.name, ...layer.imports, ...below(layer), ...layer.testsMay])];
}

/** Everything that a package reaches through the packages that it imports. */
export function below(layer: Layer): readonly string[] {
  const reached = new Set<string>();
  const visit = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const next of layerNamed(name)?.imports ?? []) visit(next);
  };
  for (const name of layer.imports) visit(name);
  return [...reached];
}

export function layerNamed(name: string): Layer | undefined {
  return layers.find((layer) => layer.name === name);
}
