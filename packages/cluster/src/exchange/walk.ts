/**
 * The opener's way from the root to the leaves that differ, level by level: it asks for hashes below the nodes that differ and
 * compares them with its own as they are by then.
 *
 * One question is under way at a time. How many levels it goes down depends on how many nodes differ: below one node 64 hashes
 * tell a leaf of 4096 in two questions, below a thousand they would be mostly hashes of what is equal.
 */
import { EXCHANGE_LIMITS as LIMITS } from './limits.ts';
import type { Ask, Hashes, Lanes } from './messages.ts';
import type { LeafTree } from './tree.ts';

/** So many hashes a level are well spent, before fewer levels at once save more bytes than they cost messages. */
const HASHES_AT_ONCE = 1024;
const LEAST_LEVELS = 3;
const MOST_LEVELS = 6;

export class Walk {
  readonly #depth: number;
  #level: number;
  /** Nodes of `#level` that differ, ascending. */
  #nodes: number[];
  /** How many of them were asked about, and what came out. */
  #asked = 0;
  #below: number[] = [];
  #question: Ask | undefined;

  /** From the hashes of all nodes of a level. */
  constructor(tree: LeafTree, depth: number, level: number, hashes: Lanes) {
    this.#depth = depth;
    this.#level = level;
    this.#nodes = [];
    for (let node = 0; node < 2 ** level; node += 1)
      if (differs(tree, level, node, hashes, node)) this.#nodes.push(node);
  }

  /** The leaves that differ, ascending, once it is known which. */
  get leaves(): readonly number[] | undefined {
    return this.#level === this.#depth || this.#nodes.length === 0 ? this.#nodes : undefined;
  }

  /** The next question; the answer to the one before has to be in. */
  ask(): Ask {
    const levels = Math.min(this.#depth - this.#level, levelsBelow(this.#nodes.length));
    const count = LIMITS.hashes / 2 ** levels;
    const parents = Uint16Array.from(this.#nodes.slice(this.#asked, this.#asked + count));
    this.#question = { kind: 'ask', level: this.#level, childLevel: this.#level + levels, parents };
    return this.#question;
  }

  /** False when this answers no question. */
  answer(tree: LeafTree, { level, hashes }: Hashes): boolean {
    const question = this.#question;
    if (question === undefined || level !== question.childLevel) return false;
    const width = 2 ** (question.childLevel - question.level);
    if (hashes.low.length !== question.parents.length * width) return false;
    question.parents.forEach((parent, at) => {
      for (let child = 0; child < width; child += 1) {
        const node = parent * width + child;
        if (differs(tree, level, node, hashes, at * width + child)) this.#below.push(node);
      }
    });
    this.#question = undefined;
    this.#asked += question.parents.length;
    if (this.#asked < this.#nodes.length) return true;
    this.#level = level;
    this.#nodes = this.#below;
    this.#asked = 0;
    this.#below = [];
    return true;
  }
}

function levelsBelow(nodes: number): number {
  const levels = Math.floor(Math.log2(HASHES_AT_ONCE / nodes));
  return Math.min(MOST_LEVELS, Math.max(LEAST_LEVELS, levels));
}

function differs(tree: LeafTree, level: number, node: number, hashes: Lanes, at: number): boolean {
  return tree.low(level, node) !== hashes.low[at] || tree.high(level, node) !== hashes.high[at];
}
