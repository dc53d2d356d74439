/** PTTL key: what is left to live, in milliseconds. */
import type { Command } from '../command.ts';
import { remainingMs } from '../expiry.ts';

export const pttl: Command = {
  name: 'pttl',
  writes: false,
  arity: 2,
  flags: ['readonly', 'fast'],
  keys: [1, 1, 1],
  group: 'generic',
  summary: 'Answers the milliseconds until a key expires: -1 for never, -2 when it is not there.',
  run(session): void {
    session.reply.integer(remainingMs(session));
  },
};
