/**
 * The truth about writes of one key, kept beside the store: who wrote what, having seen what. The store's clocks are judged
 * by it, never trusted.
 *
 * A version is superseded only by a write whose writer had seen it. What nobody who wrote later had seen must still be
 * there, as a sibling.
 */
import type { Dot } from '@torc/base/record/dot';

/** The dots that somebody has seen, with all that those had seen in turn. */
export type Seen = ReadonlySet<string>;

export function dotName(dot: Dot): string {
  return `${dot.actor}@${dot.stamp}`;
}

export class CausalHistory {
  /** For each write, what its writer had seen. */
  readonly #contexts = new Map<string, Seen>();
  readonly violations: string[] = [];

  /** A write with this dot by somebody who had seen `context`. */
  wrote(dot: Dot, context: Seen): void {
    const name = dotName(dot);
    if (this.#contexts.has(name)) this.violations.push(`the dot ${name} was given twice`);
    this.#contexts.set(name, context);
  }

  /** What one knows who holds these versions: they and all that their writers had seen. */
  closure(dots: Iterable<string>): Set<string> {
    const seen = new Set<string>();
    for (const name of dots) {
      seen.add(name);
      for (const earlier of this.#contexts.get(name) ?? []) seen.add(earlier);
    }
    return seen;
  }

  /** Of what was seen, the versions that no seen write supersedes. */
  current(seen: Seen): Set<string> {
    const current = new Set(seen);
    for (const name of seen) for (const earlier of this.#contexts.get(name) ?? []) current.delete(earlier);
    return current;
  }

  /** Judges what a replica shows that has received `seen`: every current version must be among its siblings. */
  judge(where: string, seen: Seen, siblings: readonly { readonly dot: Dot }[]): void {
    const shown = new Set(siblings.map((sibling) => dotName(sibling.dot)));
    for (const name of this.current(seen)) {
      if (!shown.has(name)) this.violations.push(`${where} lost ${name}: nobody who wrote later had seen it`);
    }
    for (const name of shown) {
      if (!this.#contexts.has(name)) this.violations.push(`${where} shows ${name}, which nobody wrote`);
    }
  }
}
