/** The envelope of the exchange protocol, whose messages have a codec of their own. */
import type { MessageForm } from './form.ts';
import type { Exchange } from './messages.ts';
import { blobBytes } from './writer.ts';

export const exchangeForm: MessageForm<Exchange> = {
  number: 13,
  bodyBytes: ({ body }) => blobBytes(body),
  write: ({ body }, writer) => writer.blob(body, 'messageBytes'),
  read: (stamp, reader) => ({ kind: 'exchange', stamp, body: reader.blob('messageBytes') }),
};
