/** File names that end in a number. It is zero-padded, so that name order is number order. */
const DIGITS = 10;
const NUMBER = /^\d{10}$/;

export function numberedName(prefix: string, number: number): string {
  return prefix + String(number).padStart(DIGITS, '0');
}

/** The numbers, ascending, of the names that are `numberedName` of this prefix and a number from 1 on. */
export function numbersAfter(prefix: string, names: readonly string[]): number[] {
  return names
    .filter((name) => name.startsWith(prefix) && NUMBER.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .filter((number) => number >= 1)
    .sort((a, b) => a - b);
}
