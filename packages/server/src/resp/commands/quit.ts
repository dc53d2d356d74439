/** QUIT: answers and closes. */
import type { Command } from '../command.ts';

export const quit: Command = {
  name: 'quit',
  writes: false,
  arity: -1,
  flags: ['fast', 'stale', 'loading', 'noscript'],
  keys: [0, 0, 0],
  group: 'connection',
  summary: 'Closes the connection when everything before it has been answered.',
  run(session): void {
    session.reply.ok();
    session.closing = true;
  },
};
