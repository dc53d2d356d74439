/** TORC.EXPLAIN key: how a read of the key goes. */
import type { Command } from '../command.ts';

export const torcExplain: Command = {
  name: 'torc.explain',
  writes: false,
  arity: 2,
  flags: ['readonly'],
  keys: [1, 1, 1],
  group: 'generic',
  summary: 'Tells, line by line, where a read looks for a key, what it finds there, and what that costs.',
  run(session): void {
    const { args, node, reply } = session;
    const lines = node.explain(session.db, args.bytes, args.starts[1] as number, args.ends[1] as number);
    reply.array(lines.length);
    for (const line of lines) reply.text(line);
  },
};
