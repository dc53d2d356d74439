/** `npm run layers`: checks packages against the table. With --write it first generates what follows from the table. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { binFolder, root } from '../root.ts';
import { loadFiles } from '../tidy/load.ts';
import { diagram, emptyDocument, withDiagram } from './diagram.ts';
import { lintConfig } from './lint-config.ts';
import { existingLayers, layering } from './rule.ts';

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
if (values.write) write();
const findings = layering.check(loadFiles());
for (const { path, line, message } of findings) process.stdout.write(`${path}:${line} ${message}\n`);
process.stdout.write(`${diagram(existingLayers(loadFiles()))}\nlayers: ${findings.length} findings\n`);
process.exitCode = findings.length === 0 ? 0 : 1;

function write(): void {
  const lintPath = join(root, '.oxlintrc.json');
  writeFileSync(lintPath, `${JSON.stringify(lintConfig(), null, 2)}\n`);
  execFileSync(join(binFolder, 'biome'), ['format', '--write', lintPath], { cwd: root, stdio: 'ignore' });

  const documentPath = join(root, 'ARCHITECTURE.md');
  const document = existsSync(documentPath) ? readFileSync(documentPath, 'utf8') : emptyDocument;
  const drawn = withDiagram(document, diagram(existingLayers(loadFiles())));
  if (drawn === undefined)
    throw new Error('ARCHITECTURE.md has lost its layers:begin and layers:end markers: put them back');
  writeFileSync(documentPath, drawn);
}
