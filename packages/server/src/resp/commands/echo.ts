/** ECHO message. */
import type { Command } from '../command.ts';

export const echo: Command = {
  name: 'echo',
  writes: false,
  arity: 2,
  flags: ['fast', 'stale', 'loading'],
  keys: [0, 0, 0],
  group: 'connection',
  summary: 'Answers the message.',
  run({ args, reply }): void {
    reply.bulk(args.bytes, args.starts[1] as number, args.ends[1] as number);
  },
};
