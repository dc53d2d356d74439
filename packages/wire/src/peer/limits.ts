/**
 * What one message between nodes may hold, published in `docs/operating/limits.md`. Both sides keep to them: a message
 * beyond one is not sent, and one that comes is a `CodecError` before anything is made for it.
 */
import { CodecError } from '@torc/base/errors';
import { INTERVAL_BYTES, MAX_INTERVALS } from '@torc/base/record/clock-codec';
import { MAX_ID_BYTES } from '@torc/base/record/codec';

interface PeerLimits {
  /** A message as a whole. */
  readonly messageBytes: number;
  readonly keyBytes: number;
  /** A key with its bucket and position before it (`docs/formats/position.md`). */
  readonly engineKeyBytes: number;
  /** The largest that a node can be told to take. */
  readonly valueBytes: number;
  readonly recordBytes: number;
  /** An encoded clock of as many intervals as there may be. */
  readonly clockBytes: number;
  /** A topology. */
  readonly documentBytes: number;
  readonly operationIdBytes: number;
  /** For people: what is longer is cut. */
  readonly textBytes: number;
  /** For programs. */
  readonly codeBytes: number;
  /** Of one page of a scan. */
  readonly pageEntries: number;
}

export const PEER_LIMITS: PeerLimits = {
  messageBytes: 24 * 1024 * 1024,
  keyBytes: 64 * 1024,
  engineKeyBytes: 6 + 64 * 1024,
  valueBytes: 16 * 1024 * 1024,
  recordBytes: 20 * 1024 * 1024,
  clockBytes: 1 + MAX_INTERVALS * INTERVAL_BYTES,
  documentBytes: 8 * 1024 * 1024,
  operationIdBytes: MAX_ID_BYTES,
  textBytes: 512,
  codeBytes: 64,
  pageEntries: 4096,
};

export type PeerLimit = keyof PeerLimits;

export function tooLong(length: number, limit: PeerLimit): CodecError {
  return new CodecError(`a peer message with ${limit} ${length}; at most ${PEER_LIMITS[limit]}`);
}
