/** EXISTS key [key …]. */
import type { Command } from '../command.ts';

export const exists: Command = {
  name: 'exists',
  writes: false,
  arity: -2,
  flags: ['readonly', 'fast'],
  keys: [1, -1, 1],
  group: 'generic',
  summary: 'Answers how many of the keys are there; a key named twice counts twice.',
  run(session): void {
    const { args, coordinator, view } = session;
    let found = 0;
    for (let at = 1; at < args.count; at += 1) {
      const start = args.starts[at] as number;
      if (coordinator.read(session.db, args.bytes, start, args.ends[at] as number, view)) found += 1;
      session.waitForRead();
    }
    session.reply.integer(found);
  },
};
