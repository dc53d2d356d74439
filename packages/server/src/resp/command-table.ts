/**
 * Finds the row of a command by the bytes of its name, without making a string.
 */
import type { Command } from './command.ts';

const BUCKETS = 512;

export class CommandTable {
  readonly rows: readonly Command[];
  readonly #buckets: Command[][] = Array.from({ length: BUCKETS }, () => []);

  constructor(rows: readonly Command[]) {
    this.rows = [...rows].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const row of rows) {
      let hash = 0;
      for (let i = 0; i < row.name.length; i += 1) hash = step(hash, row.name.charCodeAt(i));
      (this.#buckets[hash & (BUCKETS - 1)] as Command[]).push(row);
    }
  }

  find(bytes: Uint8Array, start: number, end: number): Command | undefined {
    let hash = 0;
    for (let i = start; i < end; i += 1) hash = step(hash, lower(bytes[i] as number));
    const rows = this.#buckets[hash & (BUCKETS - 1)] as Command[];
    for (let r = 0; r < rows.length; r += 1) {
      const row = rows[r] as Command;
      if (isName(row.name, bytes, start, end)) return row;
    }
    return undefined;
  }

  named(name: string): Command | undefined {
    return this.rows.find((row) => row.name === name.toLowerCase());
  }
}

function step(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

function isName(name: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i += 1) if (name.charCodeAt(i) !== lower(bytes[start + i] as number)) return false;
  return true;
}
