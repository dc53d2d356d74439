/** The few calls of better-sqlite3 that the bench needs; the package comes without types. */
declare module 'better-sqlite3' {
  export interface Statement {
    run(...values: readonly unknown[]): unknown;
    get(...values: readonly unknown[]): unknown;
    iterate(...values: readonly unknown[]): IterableIterator<unknown>;
    pluck(): this;
    raw(): this;
  }

  export default class Database {
    constructor(file: string);
    exec(sql: string): void;
    prepare(sql: string): Statement;
    transaction<Arguments extends readonly unknown[]>(
      run: (...values: Arguments) => void,
    ): (...values: Arguments) => void;
    close(): void;
  }
}
