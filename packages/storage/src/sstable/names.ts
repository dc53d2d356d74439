/** Names of tables in a data directory. */
import { numberedName, numbersAfter } from '../numbered-names.ts';

const TABLE = 'table-';

export function tableName(number: number): string {
  return numberedName(TABLE, number);
}

/** The numbers of the tables, ascending, among the names in a directory. */
export function tableNumbers(names: readonly string[]): number[] {
  return numbersAfter(TABLE, names);
}
