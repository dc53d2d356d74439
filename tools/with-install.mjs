/**
 * What every npm script goes through: makes sure the locked dependencies are there, then runs the command on the
 * Node that the repository pins (`node_modules/.bin/node`).
 *
 * It is plain JavaScript on builtins alone, because in a fresh clone the machine's own Node 20 reads it. It spawns the
 * pinned Node by path: in `npm ci && node x.ts` the shell would resolve `node` before the install put a newer one there.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const fromSource = ['--conditions=torc-src'];
const cli = join('packages', 'cli', 'src', 'main.ts');

const commands = {
  start: (args) => {
    process.env.TORC_HINTS ??= '1';
    return onPinnedNode(cli, ['start', '--data', './data/node-1', ...args]);
  },
  torc: (args) => onPinnedNode(cli, args),
  test: (args) => onPinnedNode(join('tools', 'check', 'main.ts'), args),
  build: (args) => [join(bin, 'tsc'), ['-b', ...args]],
  run: ([file, ...args]) => (file === undefined ? undefined : onPinnedNode(file, args)),
};

function onPinnedNode(file, args) {
  return [join(bin, 'node'), [...fromSource, file, ...args]];
}

/** Why the installed tree is not the locked one, or undefined when it is. Packages for other platforms may be absent. */
function reasonToInstall() {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile) || !existsSync(join(bin, 'node'))) return 'no installed dependencies';
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  for (const [path, want] of Object.entries(locked)) {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) continue;
    const have = installed[path];
    if (have === undefined) {
      if (!want.optional) return `${path} is locked and not installed`;
    } else if (have.version !== want.version || have.integrity !== want.integrity || have.link !== want.link) {
      return `${path} is installed as ${have.version}, locked as ${want.version}`;
    }
  }
  return undefined;
}

/** PATH as the machine has it, so that npm runs on the machine's Node and not on one that it is about to replace. */
function machinePath() {
  const parts = (process.env.PATH ?? '').split(delimiter);
  return parts.filter((part) => !part.endsWith(`node_modules${sep}.bin`)).join(delimiter);
}

function install(reason) {
  process.stderr.write(`torc: ${reason}; running npm ci once\n`);
  const env = { ...process.env, PATH: machinePath() };
  // npm's own output goes to stderr: stdout belongs to the command (`torc ready ...` is read by scripts).
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2], env });
  if (done.status === 0) return;
  const cause = done.error ? done.error.message : `exit code ${done.status}`;
  process.stderr.write(`torc: npm ci failed (${cause}); its output above says why. Then run the same command again.\n`);
  process.exit(1);
}

function run([file, args]) {
  const env = { ...process.env, PATH: bin + delimiter + machinePath() };
  const child = spawn(file, args, { cwd: root, stdio: 'inherit', env });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGINT', () => {
    // A terminal sends Ctrl-C to the whole process group: the child has it already, and twice may mean "at once".
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  child.on('error', (error) => {
    process.stderr.write(`torc: cannot run ${file}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name](args) : undefined;
if (command === undefined) {
  process.stderr.write('usage: node tools/with-install.mjs start|torc|test|build [ARGS], or run FILE [ARGS]\n');
  process.exit(2);
}
const reason = reasonToInstall();
if (reason !== undefined) install(reason);
run(command);
