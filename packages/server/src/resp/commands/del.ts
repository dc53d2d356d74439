/** DEL key [key …]. */
import type { Command } from '../command.ts';

export const del: Command = {
  name: 'del',
  writes: true,
  arity: -2,
  flags: [],
  keys: [1, -1, 1],
  group: 'generic',
  summary: 'Deletes keys and answers how many there were.',
  run(session): void {
    const { args, coordinator, view } = session;
    let removed = 0;
    for (let at = 1; at < args.count; at += 1) {
      const start = args.starts[at] as number;
      if (coordinator.remove(session.db, args.bytes, start, args.ends[at] as number, view)) {
        session.waitForWrite();
        removed += 1;
      } else {
        session.waitForRead();
      }
    }
    session.reply.integer(removed);
  },
};
