/** `npm run tidy`: the house rules over the whole checkout. Prints `path:line rule message`, exits 1 on any. */
import { parseArgs } from 'node:util';
import { allowed } from './allow.ts';
import { loadFiles } from './load.ts';
import { rules, tidy } from './run.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const files = loadFiles();
const findings = tidy(files, allowed);
if (values.json) {
  process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
} else {
  for (const { path, line, rule, message } of findings) process.stdout.write(`${path}:${line} ${rule} ${message}\n`);
  process.stdout.write(`tidy: ${files.length} files, ${rules.length} rules, ${findings.length} findings\n`);
}
process.exitCode = findings.length === 0 ? 0 : 1;
