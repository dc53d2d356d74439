/**
 * The whole of .oxlintrc.json as data, with its reasons; `npm run layers -- --write` puts it there. JSON has no place
 * for reasons, and half of the file follows from the layer table.
 */
import { testImports } from './allowed.ts';
import { ambientGlobals, ambientMembers } from './ambient.ts';
import { layers, type Layer } from './table.ts';

/** Rules beyond the categories, each an error. */
const wanted: readonly string[] = [
  // A promise that nobody waits for is a sync that may not have happened.
  'typescript/no-misused-promises',
  'typescript/return-await',
  'typescript/require-await',
  'typescript/use-unknown-in-catch-callback-variable',
  // `any` spreads silently; what comes from outside is `unknown` until it is checked.
  'typescript/no-explicit-any',
  'typescript/no-unsafe-argument',
  'typescript/no-unsafe-assignment',
  'typescript/no-unsafe-call',
  'typescript/no-unsafe-member-access',
  'typescript/no-unsafe-return',
  'typescript/no-import-type-side-effects',
  'typescript/no-non-null-assertion',
  'eslint/eqeqeq',
  'eslint/no-self-compare',
  'eslint/no-var',
  'unicorn/prefer-node-protocol',
  'unicorn/no-typeof-undefined',
];

/** Rules of the categories that do not fit here, each with its reason. */
const unwanted: readonly (readonly [rule: string, reason: string])[] = [
  ['import/no-named-as-default-member', 'fast-check is read as fc.property, as its documentation has it'],
  ['eslint/no-underscore-dangle', 'no underscore is written here, and some that are imported have one'],
  ['eslint/no-shadow', 'short names for neighbours of the same kind (`other`, `entry`) read better twice'],
  ['eslint/no-unmodified-loop-condition', 'cannot see that a call in the loop changes a private field'],
  ['import/no-unassigned-import', 'a binary starts by importing the file that does the work'],
  ['promise/always-return', 'a `then` that ends a chain returns nothing; a floating chain is found by its type'],
  ['typescript/consistent-return', 'the compiler checks it (noImplicitReturns) and knows of never'],
  ['typescript/no-unsafe-type-assertion', 'branded numbers are made by an assertion after a check'],
  ['typescript/no-unnecessary-type-parameters', 'a parameter used once still names what a caller must give'],
  ['unicorn/consistent-function-scoping', 'a helper stands beside its only caller'],
  ['unicorn/no-array-sort', 'sorting an array that was just made, in place, costs one allocation less'],
  ['unicorn/no-array-reverse', 'as for sort'],
  ['unicorn/no-new-array', 'a length is what we mean: slots that a loop fills'],
  ['unicorn/prefer-add-event-listener', 'ports of worker threads have `on`'],
  ['unicorn/require-post-message-target-origin', 'worker threads have no origin'],
];

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export function lintConfig(): Json {
  return {
    $schema: './node_modules/oxlint/configuration_schema.json',
    plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'node', 'promise'],
    categories: { correctness: 'error', suspicious: 'error' },
    env: { builtin: true },
    ignorePatterns: ['**/dist/**', 'build/**', 'data/**'],
    rules: {
      ...Object.fromEntries(wanted.map((rule) => [rule, 'error'])),
      ...Object.fromEntries(unwanted.map(([rule]) => [rule, 'off'])),
      // What was caught is `unknown`, and passing it on is what most catches do.
      'typescript/only-throw-error': ['error', { allowThrowingAny: false, allowThrowingUnknown: true }],
      'typescript/prefer-promise-reject-errors': ['error', { allowThrowingAny: false, allowThrowingUnknown: true }],
      // A switch over a union names every member, or says with a default that the rest is alike.
      'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A leading underscore says: the interface hands it over, this implementation has no use for it.
      'eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
    overrides: [
      {
        // node:test collects the promises that `test` and `describe` return; a stub has no reason to wait.
        files: ['**/*.test.ts', '**/test/**/*.ts'],
        rules: {
          'typescript/no-floating-promises': ['error', { allowForKnownSafeCalls: nodeTestCalls() }],
          'typescript/require-await': 'off',
        },
      },
      {
        // The cases of a suite are async so that all are awaited alike, and take apart a bench of plain functions.
        files: ['packages/*/src/conformance/**'],
        rules: { 'typescript/require-await': 'off', 'typescript/unbound-method': 'off' },
      },
      {
        // A simulated crash is no Error, on purpose: no `instanceof Error` may take it for a failure to handle.
        files: ['packages/sim/src/**', 'packages/*/test/**'],
        rules: { 'typescript/only-throw-error': 'off', 'typescript/prefer-promise-reject-errors': 'off' },
      },
      {
        // Plain JavaScript, read by whatever Node a machine has: there are no types to go by.
        files: ['**/*.mjs'],
        rules: Object.fromEntries(wanted.filter((rule) => rule.includes('no-unsafe')).map((rule) => [rule, 'off'])),
      },
      ...layers.flatMap((layer) => overridesFor(layer)),
    ],
  };
}

function nodeTestCalls(): Json {
  return ['test', 'it', 'describe', 'suite', 'before', 'after', 'beforeEach', 'afterEach'].map((name) => ({
    from: 'package',
    name,
    package: 'node:test',
  }));
}

function overridesFor(layer: Layer): readonly Json[] {
  const source = importRule(layer.imports, layer.pure, `${layer.name} may import: ${list(layer.imports)}`);
  const mayTest = testImports(layer);
  const test = importRule(mayTest, false, `tests of ${layer.name} may import: ${list(mayTest)}`);
  return [
    { files: [`packages/${layer.name}/src/**`], rules: { ...source, ...(layer.pure ? pureRules() : {}) } },
    { files: [`packages/${layer.name}/test/**`], rules: test },
  ];
}

/** Patterns work as in .gitignore: the last that matches decides. */
function importRule(allowed: readonly string[], pure: boolean, message: string): { readonly [rule: string]: Json } {
  const back = allowed.flatMap((name) => [`!@torc/${name}`, `!@torc/${name}/**`]);
  const rest = pure ? ['*', '!.', '!..', '!./**', '!../**', ...back] : ['@torc/**', ...back];
  const why = pure ? `${message}; nothing from Node or npm, what is outside comes in as a port` : message;
  return {
    'eslint/no-restricted-imports': [
      'error',
      { patterns: [{ group: rest, message: `${why} (tools/layers/table.ts)` }] },
    ],
  };
}

function pureRules(): { readonly [rule: string]: Json } {
  const message = 'the pure house takes it from a port (packages/base/src/ports)';
  return {
    'eslint/no-restricted-globals': ['error', ...ambientGlobals.map((name) => ({ name, message }))],
    'eslint/no-restricted-properties': [
      'error',
      ...ambientMembers.map(([object, property]) => ({ object, property, message })),
    ],
  };
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ');
}
