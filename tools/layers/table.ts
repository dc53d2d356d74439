/**
 * Who may import whom. This is the one place where it is written: the lint rule in .oxlintrc.json, the diagram in
 * ARCHITECTURE.md, each package.json and each tsconfig.json are generated from it or checked against it
 * (`npm run layers -- --write` writes, `npm run tidy` checks).
 *
 * From top to bottom: a package imports only from rows below its own.
 */
export interface Layer {
  /** The folder in packages/; the package is `@torc/<name>`, but for `torc`, which people install. */
  readonly name: string;
  /** What it is, for the diagram. */
  readonly about: string;
  /** The packages that its sources may import. A package that does not exist yet is allowed to be named. */
  readonly imports: readonly string[];
  /** What its tests may import in addition. */
  readonly testsMay: readonly string[];
  /** Of the pure house: no `node:` import, no npm package, no ambient time, randomness, timer or global. */
  readonly pure: boolean;
  /** Files that something other than an import starts: a binary, a worker thread. Relative to the package's src. */
  readonly entries: readonly string[];
}

export const layers: readonly Layer[] = [
  {
    name: 'torc',
    about: 'the one package that people install: library and binary',
    imports: ['cli', 'server', 'client', 'node'],
    testsMay: [],
    pure: false,
    entries: ['main.ts'],
  },
  {
    name: 'cli',
    about: 'start, plan, simulate, inspect, fsck',
    imports: ['server', 'client', 'sim', 'storage', 'wire', 'base'],
    testsMay: [],
    pure: false,
    entries: ['main.ts'],
  },
  {
    name: 'dashboard',
    about: 'what people see',
    imports: ['client', 'wire'],
    testsMay: ['server', 'base'],
    pure: false,
    entries: ['main.ts'],
  },
  {
    name: 'server',
    about: 'sockets, files, signals, workers: the I/O shell',
    imports: ['node', 'storage', 'wire', 'base'],
    testsMay: ['sim', 'client', 'cluster'],
    pure: false,
    entries: ['executor-worker-entry.ts', 'engine-jobs.ts'],
  },
  {
    name: 'sim',
    about: 'simulator, workloads, checkers',
    imports: ['node', 'client', 'cluster', 'storage', 'wire', 'base'],
    testsMay: [],
    pure: false,
    entries: [],
  },
  {
    name: 'client',
    about: 'the TypeScript client: pure logic and one socket file',
    imports: ['wire', 'base'],
    testsMay: ['sim'],
    pure: false,
    entries: [],
  },
  {
    name: 'node',
    about: 'composes a node out of ports; no I/O',
    imports: ['cluster', 'storage', 'wire', 'base'],
    testsMay: ['sim'],
    pure: true,
    entries: [],
  },
  {
    name: 'cluster',
    about: 'who holds what, and how holders agree',
    imports: ['base'],
    testsMay: ['sim'],
    pure: true,
    entries: [],
  },
  {
    name: 'storage',
    about: 'what one seat keeps on disk',
    imports: ['base'],
    testsMay: ['sim'],
    pure: true,
    entries: [],
  },
  {
    name: 'wire',
    about: 'bytes between processes',
    imports: ['base'],
    testsMay: ['sim'],
    pure: true,
    entries: [],
  },
  {
    name: 'base',
    about: 'bytes, errors, invariants, record, ports',
    imports: [],
    testsMay: ['sim'],
    pure: true,
    entries: [],
  },
];
