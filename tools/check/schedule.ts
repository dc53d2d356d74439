/**
 * Runs steps on a fixed number of lanes: each starts as soon as a lane is free and all that it needs has passed.
 * A step whose need failed is not run, and counts as failed: nobody knows what it would have said.
 */
import type { Step, StepResult } from './step.ts';

export interface Finished {
  readonly step: Step;
  readonly result: StepResult;
  readonly seconds: number;
}

export interface ScheduleOptions {
  readonly lanes: number;
  /** Monotonic, in milliseconds. */
  readonly nowMs: () => number;
  readonly onFinished: (finished: Finished) => void;
}

export async function schedule(steps: readonly Step[], options: ScheduleOptions): Promise<readonly Finished[]> {
  const waiting = [...steps];
  const finished: Finished[] = [];
  const verdicts = new Map<string, boolean>();
  const present = new Set(steps.map((step) => step.name));

  const finish = (step: Step, result: StepResult, seconds: number): void => {
    const entry = { step, result, seconds };
    verdicts.set(step.name, result.ok);
    finished.push(entry);
    options.onFinished(entry);
  };
  const takeReady = (): Step | undefined => {
    const at = waiting.findIndex((step) => step.needs.every((need) => !present.has(need) || verdicts.has(need)));
    return at < 0 ? undefined : waiting.splice(at, 1)[0];
  };

  const active = new Set<Promise<void>>();
  while (waiting.length > 0 || active.size > 0) {
    const step = active.size < options.lanes ? takeReady() : undefined;
    if (step === undefined) {
      if (active.size === 0) throw new Error(`steps need each other in a circle: ${waiting.map((s) => s.name).join()}`);
      await Promise.race(active);
      continue;
    }
    const broken = step.needs.filter((need) => verdicts.get(need) === false);
    if (broken.length > 0) {
      finish(step, { ok: false, output: `not run: ${broken.join(', ')} failed\n` }, 0);
      continue;
    }
    const job: Promise<void> = runStep(step, options).then(([result, seconds]) => {
      active.delete(job);
      finish(step, result, seconds);
    });
    active.add(job);
  }
  return finished;
}

async function runStep(step: Step, options: ScheduleOptions): Promise<[StepResult, number]> {
  const startMs = options.nowMs();
  try {
    return [await step.run(), (options.nowMs() - startMs) / 1000];
  } catch (error) {
    const output = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [{ ok: false, output: `the step itself broke: ${output}\n` }, (options.nowMs() - startMs) / 1000];
  }
}
