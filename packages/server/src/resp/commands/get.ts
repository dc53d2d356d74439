/** GET key. */
import type { Command } from '../command.ts';

export const get: Command = {
  name: 'get',
  writes: false,
  arity: 2,
  flags: ['readonly', 'fast'],
  keys: [1, 1, 1],
  group: 'string',
  summary: 'Answers the value of a key.',
  run(session): void {
    const { args, reply, view } = session;
    const start = args.starts[1] as number;
    const found = session.coordinator.read(session.db, args.bytes, start, args.ends[1] as number, view);
    session.waitForRead();
    if (found) reply.bulk(view.bytes, view.valueStart, view.valueEnd);
    else reply.null();
  },
};
