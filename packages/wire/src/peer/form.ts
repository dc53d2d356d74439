/** How one kind of message stands in bytes: what `codec.ts` asks of each, behind the version, the kind and the stamp. */
import type { PeerMessage } from './messages.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export interface MessageForm<M extends PeerMessage> {
  /** The kind in the format: never given to another one. */
  readonly number: number;
  /** Exactly what `write` writes. */
  bodyBytes(message: M): number;
  write(message: M, writer: Writer): void;
  read(stamp: number, reader: Reader): M;
}
