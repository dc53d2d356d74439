/** The layer table as people see it in ARCHITECTURE.md, between two markers. */
import { layers } from './table.ts';

const begin = '<!-- layers:begin -->';
const end = '<!-- layers:end -->';

/** The table, top to bottom, with the packages that exist today told from those to come. */
export function diagram(existing: readonly string[]): string {
  const width = Math.max(...layers.map((layer) => layer.name.length));
  const arrows = Math.max(...layers.map((layer) => layer.imports.join(', ').length));
  const rows = layers.map((layer) => {
    const imports = layer.imports.join(', ') || 'nothing';
    const notes = [layer.about, ...(layer.pure ? ['pure'] : []), ...(existing.includes(layer.name) ? [] : ['to come'])];
    return `${layer.name.padEnd(width)}  ->  ${imports.padEnd(arrows)}   ${notes.join('; ')}`;
  });
  return `\`\`\`text\n${rows.join('\n')}\n\`\`\``;
}

/** The document with the diagram between its markers, or undefined when it has no markers. */
export function withDiagram(document: string, drawn: string): string | undefined {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) return undefined;
  return `${document.slice(0, from + begin.length)}\n\n${drawn}\n\n${document.slice(to)}`;
}

/** For a checkout that has no such document yet. */
export const emptyDocument: string = `# Architecture\n\n## Layers\n\n${begin}\n${end}\n`;
