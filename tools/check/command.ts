/**
 * Runs one command with its output kept back, so that two steps at a time do not write into each other.
 *
 * Each command is the leader of its own process group: a step that overruns its limit, or a gate that is interrupted,
 * takes the servers that a test started down with it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { binFolder, root } from '../root.ts';
import { delimiter } from 'node:path';

export interface CommandResult {
  readonly code: number;
  /** stdout and stderr as they came. */
  readonly output: string;
}

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();

export function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const child = spawn(file, args, { cwd: root, detached: true, env: environment(options.env) });
    running.add(child);
    const timer = setTimeout(() => {
      chunks.push(Buffer.from(`\nstopped after ${options.timeoutMs} ms: a step may not take longer\n`));
      killGroup(child);
    }, options.timeoutMs);
    child.stdin.end();
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const finish = (code: number): void => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, output: Buffer.concat(chunks).toString('utf8') });
    };
    child.on('error', (error) => {
      chunks.push(Buffer.from(`cannot run ${file}: ${error.message}\n`));
      finish(127);
    });
    child.on('close', (code) => finish(code ?? 1));
  });
}

/** Ends every command that still runs. For a gate that is interrupted. */
export function stopAll(): void {
  for (const child of running) killGroup(child);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // The group may have ended between the check and the call; anything else is a bug of this file.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...extra };
  // Locked commands begin with `#!/usr/bin/env node`; the pinned Node has to be the first that PATH offers.
  env['PATH'] = binFolder + delimiter + (process.env['PATH'] ?? '');
  // Set when the gate itself runs under `node --test`; a nested run would then report to its parent and not to us.
  delete env['NODE_TEST_CONTEXT'];
  return env;
}
