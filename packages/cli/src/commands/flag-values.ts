/** The values of flags out of text. What makes no sense: an error that says what would. */
import { InvalidArgumentError } from 'commander';

const UNITS: readonly (readonly [name: string, bytes: number])[] = [
  ['gb', 1024 ** 3],
  ['mb', 1024 ** 2],
  ['kb', 1024],
];

export function parseWhole(text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d{1,15}$/.test(text) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`it is a whole number from ${least} to ${most}.`);
}

/** Bytes, or a number with `kb`, `mb` or `gb`, which are powers of 1024. */
export function parseSize(text: string, least: number, most: number): number {
  const match = /^(\d{1,15})(kb|mb|gb)?$/i.exec(text);
  const unit = UNITS.find(([name]) => name === match?.[2]?.toLowerCase())?.[1] ?? 1;
  const bytes = Number(match?.[1]) * unit;
  if (bytes >= least && bytes <= most) return bytes;
  const range = `from ${sizeText(least)} to ${sizeText(most)}`;
  throw new InvalidArgumentError(`it is a size ${range}: bytes, or a number with kb, mb or gb.`);
}

export function parseShare(text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d{1,3}(\.\d{1,6})?$/.test(text) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`it is a number from ${least} to ${most}.`);
}

/** As a flag takes it, in the largest unit that fits. */
export function sizeText(bytes: number): string {
  const unit = UNITS.find(([, size]) => bytes >= size && bytes % size === 0);
  return unit === undefined ? String(bytes) : `${bytes / unit[1]}${unit[0]}`;
}
