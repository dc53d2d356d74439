/** The exit code is set, and the process ends by itself when nothing is left to do: no output is cut off. */
import process from 'node:process';

export function setExitCode(code: number): void {
  process.exitCode = code;
}
