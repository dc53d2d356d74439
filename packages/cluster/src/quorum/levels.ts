/**
 * The levels of a request: how many replicas have to acknowledge a write, or to answer a read (DESIGN section 6). A closed
 * set of names, and any number: `r=` and `w=` of a client.
 *
 * `session` is none of them. It is asked of a read on top of a level: the client hands in what it saw, and the answer covers
 * that. How many replicas answer is still up to the level.
 */
import { LIMITS } from '../topology/limits.ts';

/** Their places are their numbers between nodes: names are added at the end, and never change places. */
export const NAMED_LEVELS = [
  'one',
  'two',
  'three',
  'quorum',
  'strict',
  'all',
  'local_one',
  'local_quorum',
  'each_quorum',
] as const;

export type NamedLevel = (typeof NAMED_LEVELS)[number];

/** A number is exactly so many: 1 to `MOST_REPLICAS`. */
export type Level = NamedLevel | number;

export const MOST_REPLICAS: number = LIMITS.seats;

/** What a client asks of a read. */
export interface ReadDemand {
  readonly level: Level;
  /** The answer covers what the client says it saw. */
  readonly session: boolean;
}

/** A text that is no level. Its message lists those that there are. */
export class LevelError extends Error {
  override readonly name = 'LevelError';
}

const SESSION = 'session';
/** A byte above this is a number; below it stands the place of a name. */
const NUMERIC = 0x80;

/** Reads `quorum`, `LOCAL_ONE`, `2`. Throws a `LevelError`. */
export function parseLevel(text: string): Level {
  const word = text.toLowerCase();
  const named = NAMED_LEVELS.find((name) => name === word);
  if (named !== undefined) return named;
  if (word === SESSION) {
    throw new LevelError('session is no count of replicas: ask it of a read, alone or as in one+session');
  }
  const count = /^\d{1,3}$/.test(word) ? Number(word) : 0;
  if (count >= 1 && count <= MOST_REPLICAS) return count;
  throw new LevelError(
    `there is no level "${text}": there are ${NAMED_LEVELS.join(', ')}, and numbers from 1 to ${MOST_REPLICAS}`,
  );
}

/** As `parseLevel`, and `one+session`; `session` alone is asked of `otherwise`. Throws a `LevelError`. */
export function parseReadDemand(text: string, otherwise: Level): ReadDemand {
  const word = text.toLowerCase();
  if (word === SESSION) return { level: otherwise, session: true };
  const suffix = `+${SESSION}`;
  if (!word.endsWith(suffix)) return { level: parseLevel(text), session: false };
  return { level: parseLevel(text.slice(0, -suffix.length)), session: true };
}

/** What `parseLevel` reads back. */
export function levelText(level: Level): string {
  return String(level);
}

/** What `parseReadDemand` reads back. */
export function readDemandText({ level, session }: ReadDemand): string {
  return session ? `${levelText(level)}+${SESSION}` : levelText(level);
}

/** A level as a byte of a message. */
export function levelNumber(level: Level): number {
  return typeof level === 'number' ? NUMERIC | level : NAMED_LEVELS.indexOf(level);
}

/** The level of such a byte; `undefined`: it is none. */
export function levelOfNumber(byte: number): Level | undefined {
  if (byte < NUMERIC) return NAMED_LEVELS[byte];
  const count = byte - NUMERIC;
  return count >= 1 && count <= MOST_REPLICAS ? count : undefined;
}

/**
 * Whether what a stand-in holds counts at this level while a home is down. Whoever asks for a place (a data centre), for all,
 * for strictness or for a number of replicas means homes.
 */
export function countsStandIns(level: Level): boolean {
  return level === 'one' || level === 'two' || level === 'three' || level === 'quorum';
}
