/**
 * The command line. Importing this file runs it: it reads the arguments and sets the exit code.
 *
 * Exit codes: 0 done, 1 it failed (the message says why), 2 the command was not understood; of inspect and fsck: 1 damage was
 * found, 2 nothing was looked at.
 */
import { argv, exitCode } from 'node:process';
import { Command, CommanderError } from 'commander';
import { fsckCommand } from './commands/fsck.ts';
import { inspectCommand } from './commands/inspect.ts';
import { startCommand } from './commands/start.ts';
import { setExitCode } from './exit.ts';
import { packageVersion } from './version.ts';

const USAGE = 2;

const program = new Command('torc')
  .description('Torc: a key-value store that keeps what it acknowledged.')
  .version(packageVersion(), '--version', 'print the version')
  .showHelpAfterError('(torc --help, or torc COMMAND --help, lists what there is)')
  .exitOverride();

const commands = [startCommand(packageVersion()), inspectCommand(), fsckCommand()];
for (const command of commands) program.addCommand(command.exitOverride());

try {
  await program.parseAsync(argv);
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help and version come this way too, with 0.
  if (exitCode === undefined) setExitCode(error.exitCode === 0 ? 0 : USAGE);
}
