/** SELECT db: picks the bucket with that number. */
import type { Command } from '../command.ts';

export const select: Command = {
  name: 'select',
  writes: false,
  arity: 2,
  flags: ['fast', 'stale', 'loading'],
  keys: [0, 0, 0],
  group: 'connection',
  summary: 'Picks the bucket that later commands use.',
  run(session): void {
    const db = session.integer(1);
    if (db === undefined) return session.reply.error('ERR invalid DB index');
    if (!session.node.buckets.some((bucket) => bucket.db === db)) {
      return session.reply.error('ERR DB index is out of range');
    }
    session.db = db;
    session.reply.ok();
  },
};
