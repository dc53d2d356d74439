/**
 * The handshake: a packet there and back, as TCP has it, then the greetings, which are the first item of each pipe.
 *
 * Whoever takes the connection judges: another cluster, or a node of the same name, is answered with `wrong-peer`.
 */
import type { SimConnection } from './connection.ts';
import type { Path } from './path.ts';
import type { SimTransport } from './transport.ts';

export interface Dialed {
  readonly end: SimConnection;
  readonly out: Path;
  readonly back: Path;
  /** Who lives there now. */
  readonly target: () => SimTransport | undefined;
}

/** The first packet leaves; the greeting follows when it was answered. */
export function knock({ end, out, back, target }: Dialed): void {
  const isDialing = (): boolean => !end.hasEnded;
  const answer = (land: () => void): void => {
    back.fly({ isWanted: isDialing, isRepeated: isDialing, land });
  };
  out.fly({
    isWanted: isDialing,
    isRepeated: isDialing,
    land: () => answer(target()?.accept === undefined ? () => end.end('refused') : () => end.greet()),
    refused: () => end.end('refused'),
  });
}

/** The greeting has arrived: takes the connection, or says why not. */
export function judge(
  from: SimTransport,
  dialed: Dialed,
  makeTaken: (target: SimTransport) => SimConnection,
): SimConnection | undefined {
  const { end, back, target } = dialed;
  const there = target();
  const accept = there?.accept;
  const reply = (reason: 'refused' | 'wrong-peer'): void => {
    back.fly({ isWanted: () => !end.hasEnded, isRepeated: () => !end.hasEnded, land: () => end.end(reason) });
  };
  if (there === undefined || accept === undefined) {
    reply('refused');
    return undefined;
  }
  const [mine, theirs] = [from.identity, there.identity];
  if (mine.clusterId !== theirs.clusterId || mine.node === theirs.node) {
    reply('wrong-peer');
    return undefined;
  }
  const taken = makeTaken(there);
  end.other = taken;
  taken.other = end;
  taken.openTaken(mine, accept);
  return taken;
}
