/** Names of tables in a data directory. Numbers are zero-padded, so that name order is number order. */
const TABLE = 'table-';
const DIGITS = 10;
const TABLE_NAME = /^table-\d{10}$/;

export function tableName(number: number): string {
  return TABLE + String(number).padStart(DIGITS, '0');
}

/** The numbers of the tables, ascending, among the names in a directory. */
export function tableNumbers(names: readonly string[]): number[] {
  return names
    .filter((name) => TABLE_NAME.test(name))
    .map((name) => Number(name.slice(TABLE.length)))
    .filter((number) => number >= 1)
    .sort((a, b) => a - b);
}
