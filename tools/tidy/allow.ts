/**
 * Advice that was declined, each with its reason. An entry that declines nothing any more is a finding itself, so that
 * the list only holds what is true today.
 */
export interface Allowed {
  readonly rule: 'file-length' | 'function-length';
  readonly path: string;
  /** `file`, or the name of the function. */
  readonly subject: string;
  /** Why this one is better long, in a sentence. */
  readonly reason: string;
}

export const allowed: readonly Allowed[] = [];
