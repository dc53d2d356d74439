/** The package.json files of a packed `torc`, made from those of the checkout. */
export type Conditions = string | { readonly [condition: string]: Conditions };

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports?: { readonly [path: string]: Conditions };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly bundleDependencies?: readonly string[];
  readonly private?: boolean;
}

/** The @torc packages that a manifest depends on. */
export function torcNames(manifest: Manifest): readonly string[] {
  return Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@torc/'));
}

/** Of `torc` itself: everything bundled is named as such, and what the bundled ones need from npm is added. */
export function packageManifest(torc: Manifest, bundled: readonly Manifest[]): Manifest {
  const dependencies: Record<string, string> = {};
  for (const { name, version } of bundled) dependencies[name] = version;
  for (const manifest of [torc, ...bundled]) {
    for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
      if (name.startsWith('@torc/')) continue;
      const other = dependencies[name];
      if (other !== undefined && other !== range) {
        throw new Error(`${manifest.name} wants ${name} ${range}, another package ${other}: agree on one range`);
      }
      dependencies[name] = range;
    }
  }
  return { ...publicPart(torc), dependencies, bundleDependencies: bundled.map(({ name }) => name) };
}

/** Of a package that travels inside. */
export function bundledManifest(manifest: Manifest): Manifest {
  return publicPart(manifest);
}

/** Without the marks of a workspace: `private` refuses packing, and there are no sources for `torc-src` to point at. */
function publicPart({ private: _private, exports, ...rest }: Manifest): Manifest {
  if (exports === undefined) return rest;
  const kept = Object.entries(exports).map(([path, conditions]) => [path, builtOnly(conditions)] as const);
  return { ...rest, exports: Object.fromEntries(kept) };
}

function builtOnly(conditions: Conditions): Conditions {
  if (typeof conditions === 'string') return conditions;
  return Object.fromEntries(
    Object.entries(conditions)
      .filter(([condition]) => condition !== 'torc-src')
      .map(([condition, target]) => [condition, builtOnly(target)]),
  );
}
