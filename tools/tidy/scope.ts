/** Which files a rule looks at. */
import { layers } from '../layers/table.ts';
import type { SourceFile } from './rule.ts';

const pureNames = new Set(layers.filter((layer) => layer.pure).map((layer) => layer.name));

export function isTypeScript({ path }: SourceFile): boolean {
  return path.endsWith('.ts') && !path.endsWith('.d.ts');
}

/** Sources of packages: what is built and shipped. */
export function isPackageSource(file: SourceFile): boolean {
  return isTypeScript(file) && /^packages\/[^/]+\/src\//.test(file.path);
}

/** Sources of packages that may touch nothing but their ports. */
export function isPureSource(file: SourceFile): boolean {
  return isPackageSource(file) && pureNames.has(file.path.split('/')[1] ?? '');
}

export function isTest(file: SourceFile): boolean {
  return isTypeScript(file) && (file.path.includes('/test/') || file.path.endsWith('.test.ts'));
}

export function isDocument({ path }: SourceFile): boolean {
  return path.endsWith('.md');
}
