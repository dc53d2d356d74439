/**
 * How a newer topology gets from node to node: a beat names the epoch; who is behind asks, and is sent the document.
 */
import { CodecError } from '@torc/base/errors';
import type { PeerMessage } from '@torc/wire/peer/messages';
import type { StampSource } from '../replica/stamp-source.ts';
import type { Peers } from './peers.ts';
import type { RingView } from './ring-view.ts';

/** Does what a message that is neither a request nor a reply asks for. */
export function spreadTopology(
  ring: RingView,
  peers: Peers,
  stamps: StampSource,
  from: number,
  message: PeerMessage,
): void {
  if (message.kind === 'beat' && message.epoch > ring.epoch) {
    peers.tell(from, { kind: 'want-topology', stamp: stamps.last, epoch: ring.epoch });
  } else if (message.kind === 'want-topology' && message.epoch < ring.epoch) {
    peers.tell(from, { kind: 'topology', stamp: stamps.last, document: ring.bytes });
  } else if (message.kind === 'topology') {
    adopt(ring, message.document);
  }
}

/** Bytes that are no topology change nothing: the next beat asks again. */
function adopt(ring: RingView, document: Uint8Array): void {
  try {
    ring.adoptBytes(document);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
  }
}
