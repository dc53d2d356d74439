/** Where the checkout is, for tools: they are started from anywhere, and name files relative to its root. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** The commands of locked dependencies, the pinned Node among them. */
export const binFolder: string = join(root, 'node_modules', '.bin');
