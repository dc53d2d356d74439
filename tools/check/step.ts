/** One step of the gate. */
import type { Tally } from './tally.ts';

export interface StepResult {
  readonly ok: boolean;
  /** Shown when the step failed, or when everything is asked for. */
  readonly output: string;
  /** For steps that run tests. */
  readonly tally?: Tally;
}

export interface Step {
  /** `tests:pure` is selected by `tests` too. */
  readonly name: string;
  /** What it checks, in a few words, for `--list`. */
  readonly about: string;
  /** Names of steps whose result it uses. They run first, also when only this one was asked for. */
  readonly needs: readonly string[];
  run(): Promise<StepResult>;
}

/** The steps that a selection names, with what they need, in the order of `all`. Throws on a name that selects none. */
export function select(all: readonly Step[], names: readonly string[]): readonly Step[] {
  const chosen = new Set<string>();
  const add = (step: Step): void => {
    if (chosen.has(step.name)) return;
    chosen.add(step.name);
    for (const step2 of all) if (step.needs.includes(step2.name)) add(step2);
  };
  for (const name of names) {
    const matches = all.filter((step) => step.name === name || step.name.startsWith(`${name}:`));
    if (matches.length === 0) throw new UnknownStep(name);
    for (const match of matches) add(match);
  }
  return all.filter((step) => chosen.has(step.name));
}

export class UnknownStep extends Error {
  constructor(name: string) {
    super(`there is no step "${name}"; \`npm test -- --list\` lists them`);
  }
}
