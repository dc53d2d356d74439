/** TTL key: what is left to live, in seconds. */
import type { Command } from '../command.ts';
import { remainingMs } from '../expiry.ts';

export const ttl: Command = {
  name: 'ttl',
  writes: false,
  arity: 2,
  flags: ['readonly', 'fast'],
  keys: [1, 1, 1],
  group: 'generic',
  summary: 'Answers the seconds until a key expires: -1 for never, -2 when it is not there.',
  run(session): void {
    const leftMs = remainingMs(session);
    session.reply.integer(leftMs < 0 ? leftMs : Math.round(leftMs / 1000));
  },
};
