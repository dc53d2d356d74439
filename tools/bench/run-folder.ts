/** Where a bench keeps its data while it runs, and where its numbers go. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assertRealDisk } from './machine.ts';

/** A folder of this run's own, on a real disk; it is removed when the bench ends, also after Ctrl-C. */
export function makeDataRoot(dataFolder: string): string {
  mkdirSync(dataFolder, { recursive: true });
  assertRealDisk(dataFolder);
  const dataRoot = mkdtempSync(join(dataFolder, 'run-'));
  // Retried: a process that was told to end may still write.
  process.on('exit', () => rmSync(dataRoot, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  return dataRoot;
}

export function writeResult(file: string, content: Readonly<Record<string, unknown>>): void {
  mkdirSync(dirname(file), { recursive: true });
  const { bench, ...rest } = content;
  const whole = { bench, format: 1, finishedAt: new Date().toISOString(), ...rest };
  writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`);
}
