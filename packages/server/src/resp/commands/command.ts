/** COMMAND [COUNT | LIST | INFO name … | DOCS name …]: the command table, for clients that ask. */
import { COMMANDS } from './table.ts';
import type { Command } from '../command.ts';
import type { Session } from '../session.ts';

export const command: Command = {
  name: 'command',
  writes: false,
  arity: -1,
  flags: ['stale', 'loading'],
  keys: [0, 0, 0],
  group: 'server',
  summary: 'Describes the commands.',
  run(session): void {
    const { args, reply } = session;
    if (args.count === 1) return all(session);
    if (session.isWord(1, 'count') && args.count === 2) return reply.integer(COMMANDS.rows.length);
    if (session.isWord(1, 'list') && args.count === 2) return list(session);
    if (session.isWord(1, 'info')) return args.count === 2 ? all(session) : some(session);
    if (session.isWord(1, 'docs')) return docs(session);
    reply.error(
      `ERR unknown subcommand or wrong number of arguments for '${session.text(1)}'. Torc knows COMMAND COUNT, LIST, INFO and DOCS.`,
    );
  },
};

function all({ reply }: Session): void {
  reply.array(COMMANDS.rows.length);
  for (const row of COMMANDS.rows) describe(reply, row);
}

function list({ reply }: Session): void {
  reply.array(COMMANDS.rows.length);
  for (const row of COMMANDS.rows) reply.text(row.name);
}

function some(session: Session): void {
  session.reply.array(session.args.count - 2);
  for (let at = 2; at < session.args.count; at += 1) {
    const row = COMMANDS.named(session.text(at));
    if (row === undefined) session.reply.null();
    else describe(session.reply, row);
  }
}

/** Commands that do not exist are left out, as Redis does. */
function docs(session: Session): void {
  const { args, reply } = session;
  const asked: Command[] = [];
  for (let at = 2; at < args.count; at += 1) {
    const row = COMMANDS.named(session.text(at));
    if (row !== undefined) asked.push(row);
  }
  const rows = args.count === 2 ? COMMANDS.rows : asked;
  reply.map(rows.length);
  for (const row of rows) {
    reply.text(row.name);
    reply.map(2);
    reply.text('summary');
    reply.text(row.summary);
    reply.text('group');
    reply.text(row.group);
  }
}

function describe(reply: Session['reply'], row: Command): void {
  reply.array(6);
  reply.text(row.name);
  reply.integer(row.arity);
  const flags = row.writes ? ['write', ...row.flags] : row.flags;
  reply.array(flags.length);
  for (const flag of flags) reply.status(flag);
  for (const place of row.keys) reply.integer(place);
}
