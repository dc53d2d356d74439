/** What a house rule is: a pure function from files to findings, so that a test can plant a sin in one line. */
export interface SourceFile {
  /** Relative to the root of the checkout, with `/` between folders. */
  readonly path: string;
  /** Empty for a file that is not text of ours. */
  readonly text: string;
}

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
  /** For advice: what exactly is too long, as an allow-list entry names it. */
  readonly subject?: string;
}

export interface Rule {
  readonly name: string;
  /** Advice may be declined, with a reason, in allow.ts. */
  readonly advice: boolean;
  check(files: readonly SourceFile[]): readonly Finding[];
}
