/** HELLO [2|3 [AUTH user password] [SETNAME name]]: picks the protocol version. */
import { isClientName, MOST_NAME_BYTES } from '../client-name.ts';
import { SYNTAX_ERROR, type Command } from '../command.ts';
import { REDIS_VERSION } from '../info-sections.ts';
import type { Session } from '../session.ts';

export const hello: Command = {
  name: 'hello',
  writes: false,
  arity: -1,
  flags: ['fast', 'stale', 'loading', 'noscript'],
  keys: [0, 0, 0],
  group: 'connection',
  summary: 'Picks RESP2 or RESP3 and describes the server.',
  run(session): void {
    const { args, reply } = session;
    let protocol: number | undefined = reply.protocol;
    let name = session.name;
    if (args.count > 1) {
      protocol = session.integer(1);
      if (protocol === undefined) return reply.error('ERR Protocol version is not an integer or out of range');
      if (protocol !== 2 && protocol !== 3) return reply.error('NOPROTO unsupported protocol version');
    }
    for (let at = 2; at < args.count; at += 2) {
      if (session.isWord(at, 'auth') && at + 2 < args.count) {
        return reply.error('ERR AUTH: this node has no users; it listens on the loopback address only');
      }
      if (!session.isWord(at, 'setname') || at + 1 >= args.count) return reply.error(SYNTAX_ERROR);
      name = session.text(at + 1, MOST_NAME_BYTES + 1);
      if (!isClientName(name))
        return reply.error('ERR Client names cannot contain spaces, newlines or special characters.');
    }
    session.name = name;
    reply.protocol = protocol === 3 ? 3 : 2;
    describe(session);
  },
};

function describe({ reply, id }: Session): void {
  reply.map(7);
  reply.text('server');
  reply.text('redis');
  reply.text('version');
  reply.text(REDIS_VERSION);
  reply.text('proto');
  reply.integer(reply.protocol);
  reply.text('id');
  reply.integer(id);
  reply.text('mode');
  reply.text('standalone');
  reply.text('role');
  reply.text('master');
  reply.text('modules');
  reply.array(0);
}
