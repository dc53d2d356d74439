/** SET key value [NX | XX] [EX s | PX ms | EXAT s | PXAT ms]. */
import { KEEP, WRITE, type Change } from '@torc/node/coordinator/coordinator';
import type { NextVersion, ReadView } from '@torc/node/replica/views';
import { NOT_AN_INTEGER, SYNTAX_ERROR, type Command } from '../command.ts';
import { expiryOption, expiryTime } from '../expiry.ts';
import type { Session } from '../session.ts';

export const set: Command = {
  name: 'set',
  writes: true,
  arity: -3,
  flags: ['denyoom'],
  keys: [1, 1, 1],
  group: 'string',
  summary: 'Sets the value of a key, if asked only when it is (XX) or is not (NX) there, and when it expires.',
  run(session): void {
    const { args, next } = session;
    next.value(args.bytes, args.starts[2] as number, args.ends[2] as number, 0);
    if (args.count === 3) write(session);
    else if (parseOptions(session)) perform(session);
  },
};

function write(session: Session): void {
  const { args } = session;
  const start = args.starts[1] as number;
  session.coordinator.write(session.db, args.bytes, start, args.ends[1] as number, session.next);
  session.waitForWrite();
  session.reply.ok();
}

/** SET with NX or XX: one for all sessions, since a decision is taken within one call. */
class SetIf implements Change {
  wanted: 'absent' | 'present' | undefined;
  readonly version: { from: NextVersion | undefined } = { from: undefined };

  decide(current: ReadView, next: NextVersion): typeof KEEP | typeof WRITE {
    if (current.live !== (this.wanted === 'present')) return KEEP;
    const from = this.version.from as NextVersion;
    next.value(from.bytes, from.valueStart, from.valueEnd, from.expiresAtMs);
    return WRITE;
  }
}

const setIf = new SetIf();

/** Reads the options into `session.next` and `setIf`; answers an error and `false` when they make no sense. */
function parseOptions(session: Session): boolean {
  const { args, reply } = session;
  setIf.wanted = undefined;
  let timed = false;
  for (let at = 3; at < args.count; at += 1) {
    const option = expiryOption(session, at);
    if (option !== undefined && !timed && at + 1 < args.count) {
      const amount = session.integer(at + 1);
      if (amount === undefined) return refuse(session, NOT_AN_INTEGER);
      const expiresAtMs = expiryTime(option, amount, session.node.wallMs());
      if (expiresAtMs === undefined) return refuse(session, "ERR invalid expire time in 'set' command");
      session.next.expiresAtMs = expiresAtMs;
      timed = true;
      at += 1;
    } else if (session.isWord(at, 'nx') && setIf.wanted === undefined) {
      setIf.wanted = 'absent';
    } else if (session.isWord(at, 'xx') && setIf.wanted === undefined) {
      setIf.wanted = 'present';
    } else if (session.isWord(at, 'get') || session.isWord(at, 'keepttl')) {
      reply.error(`ERR SET with ${session.text(at).toUpperCase()} is not supported yet: read first, then SET`);
      return false;
    } else {
      return refuse(session, SYNTAX_ERROR);
    }
  }
  return true;
}

function refuse(session: Session, error: string): boolean {
  session.reply.error(error);
  return false;
}

function perform(session: Session): void {
  if (setIf.wanted === undefined) return write(session);
  const { args, reply, view } = session;
  const start = args.starts[1] as number;
  setIf.version.from = session.next;
  const wrote = session.coordinator.update(session.db, args.bytes, start, args.ends[1] as number, setIf, view);
  if (wrote) session.waitForWrite();
  else session.waitForRead();
  if (wrote) reply.ok();
  else reply.null();
}
