/** The tables of `docs/concepts/consistency.md`, as `promiseOf` makes them. */
import { NAMED_LEVELS, type Level } from '../../src/quorum/levels.ts';
import { promiseOf, type GoesOn, type PairPromise } from '../../src/quorum/promises.ts';
import type { DcCopies } from '../../src/topology/topology.ts';

type Layout = readonly DcCopies[];

const ONE_DC: Layout = [{ dc: 'a', copies: 3 }];
const THREE_DCS: Layout = ['a', 'b', 'c'].map((dc) => ({ dc, copies: 3 }));
/** In one data centre the levels that look at data centres say what others say. */
const OF_ALL = NAMED_LEVELS.filter((level) => !/local|each/.test(level));
const SPREAD = NAMED_LEVELS.filter((level) => level !== 'two' && level !== 'three');
const NUMBERS = [1, 2, 3];

/** By name: what stands between `<!-- name:begin -->` and `<!-- name:end -->`. */
export const TABLES: Readonly<Record<string, string>> = {
  'pairs-one-dc': pairs(OF_ALL, ONE_DC),
  'pairs-three-dcs': pairs(SPREAD, THREE_DCS),
  presets: presets(),
  'alone-one-dc': alone(OF_ALL, ONE_DC),
  'alone-three-dcs': alone(SPREAD, THREE_DCS),
};

function promise(write: Level, read: Level, layout: Layout): PairPromise {
  const found = promiseOf(write, { level: read, session: false }, layout);
  if ('impossible' in found) throw new Error(`${write}, ${read}: ${found.impossible}`);
  return found;
}

function pairs(levels: readonly Level[], layout: Layout): string {
  const kindOf = (write: Level, read: Level): string => {
    const { kind, sees } = promise(write, read, layout);
    return kind === 'while-homes' && sees === 'same-dc' ? 'while homes, same dc' : kind.replace('-', ' ');
  };
  return table(
    ['write \\ read', ...levels.map(code)],
    levels.map((write) => [code(write), ...levels.map((read) => kindOf(write, read))]),
  );
}

function presets(): string {
  const rows = NUMBERS.flatMap((w) =>
    NUMBERS.map((r) => {
      const { presets: names, kind, neverGoesBack, lostDisks, writes, reads } = promise(w, r, ONE_DC);
      return [w, r, names.join(', '), kind, yes(neverGoesBack === 'always'), lostDisks, down(writes), down(reads)];
    }),
  );
  const head = ['W', 'R', 'preset', 'promise', 'never goes back', 'lost disks', 'writes go on', 'reads go on'];
  return table(head, rows);
}

/** What a level says by itself: as a write, and as a read. */
function alone(levels: readonly Level[], layout: Layout): string {
  const isSpread = layout.length > 1;
  const rows = levels.map((level) => {
    const { neverGoesBack, lostDisks, lostDc, writes } = promise(level, level, layout);
    const after = isSpread ? [yes(lostDc)] : [];
    return [code(level), lostDisks + 1, lostDisks, ...after, down(writes), neverGoesBack.replace('-', ' ')];
  });
  const after = isSpread ? ['and a lost dc'] : [];
  return table(['level', 'waits for', 'lost disks', ...after, 'goes on with', 'reads never go back'], rows);
}

function down({ oneDown, twoDown, dcDown }: GoesOn): string {
  const nodes = twoDown ? '2 down' : oneDown ? '1 down' : '';
  return [...(nodes === '' ? [] : [nodes]), ...(dcDown ? ['a dc down'] : [])].join(', ') || 'none down';
}

function yes(isSo: boolean): string {
  return isSo ? 'yes' : 'no';
}

function code(level: Level): string {
  return `\`${level}\``;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
