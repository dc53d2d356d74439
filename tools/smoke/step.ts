/** The gate's smoke step: what `tsc -b` built, on the machine's own Node. */
import { join } from 'node:path';
import { root } from '../root.ts';
import type { StepResult } from '../check/step.ts';
import { findMachineNode } from './machine-node.ts';
import { serveOnce, versionOf, type Program } from './serve.ts';

export async function runSmoke(): Promise<StepResult> {
  const machine = findMachineNode();
  if (machine === undefined) {
    const skipped = ['smoke: the machine has no Node of its own on PATH (outside node_modules/.bin)'];
    return { ok: true, output: `${skipped[0]}\n`, tally: { passed: 0, failed: 0, skipped } };
  }
  const program: Program = [machine.path, join(root, 'packages', 'cli', 'dist', 'main.js')];
  const version = await versionOf(program);
  await serveOnce(program);
  return { ok: true, output: `torc ${version} serves on Node ${machine.version}\n` };
}
