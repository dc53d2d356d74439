/** PING [message]: is anybody there. */
import type { Command } from '../command.ts';

export const ping: Command = {
  name: 'ping',
  writes: false,
  arity: -1,
  flags: ['fast', 'stale', 'loading'],
  keys: [0, 0, 0],
  group: 'connection',
  summary: 'Answers PONG, or the message.',
  run(session): void {
    const { args, reply } = session;
    if (args.count === 1) reply.status('PONG');
    else if (args.count === 2) reply.bulk(args.bytes, args.starts[1] as number, args.ends[1] as number);
    else reply.error("ERR wrong number of arguments for 'ping' command");
  },
};
