/** Refusals and unknown commands as RESP errors: an upper-case code, what happened, what to do instead. */
import { DamageError, type DiskError, type Refusal, type RefusalCode } from '@torc/base/errors';
import type { Session } from './session.ts';

const CODES: Readonly<Record<RefusalCode, string>> = {
  'key-too-long': 'ERR',
  'value-too-long': 'ERR',
  'too-many-siblings': 'SIBLINGS',
  'disk-full': 'DISKFULL',
  'memory-full': 'OOM',
  'bad-name': 'ERR',
  'bad-prefix': 'ERR',
  stopped: 'STOPPED',
};

export function refusalReply(refusal: Refusal): string {
  return `${CODES[refusal.code]} ${refusal.message}`;
}

/** An answer that could not be read. Never "absent": the key may well be there. */
export function readFailureReply(error: DamageError | DiskError): string {
  if (error instanceof DamageError) {
    return `DAMAGED ${oneLine(error.message)}: the key may be there and cannot be read; run torc fsck on the data directory`;
  }
  return `IOERR the disk did not answer: ${oneLine(error.message)}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}

/** What to use in place of commands that clients commonly try. */
const INSTEAD: Readonly<Record<string, string>> = {
  subscribe: 'Torc has no pub/sub; keep it on a Redis beside Torc',
  psubscribe: 'Torc has no pub/sub; keep it on a Redis beside Torc',
  publish: 'Torc has no pub/sub; keep it on a Redis beside Torc',
  multi: 'Torc has no transactions; send commands in a pipeline, and use SET with NX or XX for a condition',
  watch: 'Torc has no transactions; use SET with NX or XX for a condition',
  eval: 'Torc runs no scripts',
  keys: 'Torc does not list keys over RESP yet',
  scan: 'Torc does not scan over RESP yet',
  setex: 'use SET key value EX seconds',
  psetex: 'use SET key value PX milliseconds',
  setnx: 'use SET key value NX',
  unlink: 'use DEL',
  mget: 'send GETs in a pipeline',
  mset: 'send SETs in a pipeline',
  config: 'Torc is configured by flags: see torc start --help',
  auth: 'this node has no users; it listens on the loopback address only',
};

export function unknownCommand(session: Session): string {
  const name = session.text(0);
  const word = name.toLowerCase();
  // Not what every object has: a client may well send `constructor`.
  const instead = Object.hasOwn(INSTEAD, word) ? INSTEAD[word] : undefined;
  const advice = instead === undefined ? '; COMMAND LIST names those that exist' : `: ${instead}`;
  return `ERR unknown command '${name}'${advice}`;
}
