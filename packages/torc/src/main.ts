#!/usr/bin/env node
/**
 * The `torc` command. It holds nothing of its own: the package that people install is the CLI and all that it needs,
 * and `@torc/cli` reads the arguments and sets the exit code when it is imported.
 */
import '@torc/cli/main';
