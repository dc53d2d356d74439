/** CLIENT: what client libraries say of themselves when they connect. */
import { isClientName, MOST_NAME_BYTES } from '../client-name.ts';
import type { Command } from '../command.ts';
import type { Session } from '../session.ts';

export const client: Command = {
  name: 'client',
  writes: false,
  arity: -2,
  flags: ['stale', 'loading', 'noscript'],
  keys: [0, 0, 0],
  group: 'connection',
  summary: 'ID, GETNAME, SETNAME name, SETINFO attribute value, INFO.',
  run(session): void {
    const { args, reply } = session;
    if (session.isWord(1, 'id') && args.count === 2) return reply.integer(session.id);
    if (session.isWord(1, 'getname') && args.count === 2) return answerName(session);
    if (session.isWord(1, 'setname') && args.count === 3) return setName(session);
    if (session.isWord(1, 'setinfo') && args.count === 4) return reply.ok();
    if (session.isWord(1, 'info') && args.count === 2)
      return reply.verbatim(`${session.info.describeClient(session.id)}\n`);
    reply.error(
      `ERR unknown subcommand or wrong number of arguments for '${session.text(1)}'. Torc knows CLIENT ID, GETNAME, SETNAME, SETINFO and INFO.`,
    );
  },
};

function answerName({ name, reply }: Session): void {
  if (name === '') reply.null();
  else reply.text(name);
}

function setName(session: Session): void {
  const name = session.text(2, MOST_NAME_BYTES + 1);
  if (!isClientName(name)) {
    return session.reply.error('ERR Client names cannot contain spaces, newlines or special characters.');
  }
  session.name = name;
  session.reply.ok();
}
