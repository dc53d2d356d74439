/** The options that benches share: how many rounds of which length, where the numbers go, where the data are kept. */
import { join, resolve } from 'node:path';
import { root } from '../root.ts';
import { number, whole } from './arguments.ts';

export interface RunOptions {
  readonly rounds: number;
  /** How long one measurement lasts. */
  readonly seconds: number;
  readonly jsonFile: string;
  readonly dataFolder: string;
}

/** As `parseArgs` wants an option described that takes a value. */
export const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;

/** The shared options, described like that. */
export const runArguments = {
  rounds: text,
  seconds: text,
  json: text,
  dir: text,
  quick: flag,
  help: flag,
} as const;

/** The bench's name names its file of numbers; `base` is what counts where nothing was said. */
export function runOptions(
  bench: string,
  values: Readonly<Partial<Record<'rounds' | 'seconds' | 'json' | 'dir', string>>>,
  base: { readonly rounds: number; readonly seconds: number },
): RunOptions {
  return {
    rounds: whole('--rounds', values.rounds ?? String(base.rounds), 1, 1000),
    seconds: number('--seconds', values.seconds ?? String(base.seconds), 0.1, 60),
    jsonFile: resolve(values.json ?? join(root, 'build', 'bench', `${bench}.json`)),
    dataFolder: resolve(values.dir ?? join(root, 'build', 'bench')),
  };
}
