/** Packs `torc` into build/, and prints where. */
import { join } from 'node:path';
import { root } from '../root.ts';
import { pack } from './stage.ts';

process.stdout.write(`${pack(join(root, 'build', 'torc'))}\n`);
