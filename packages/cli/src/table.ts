/** Tables of text: columns as wide as they must be, numbers to the right. Nothing stands behind the last column. */

export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

const GAP = '  ';

export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ right = false }, at) => {
        const cell = cells[at] ?? '';
        return right ? cell.padStart(widths[at] as number) : cell.padEnd(widths[at] as number);
      })
      .join(GAP)
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map((row) => line(row))].map((text) => `${text}\n`).join('');
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Bytes with their unit, three digits or so. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[unit] as string}`;
}

/** "1 table", "2 tables", "no tables". */
export function countText(count: number, name: string): string {
  return `${count === 0 ? 'no' : count.toLocaleString('en')} ${name}${count === 1 ? '' : 's'}`;
}
