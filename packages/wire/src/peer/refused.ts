/** The answer to a request that was not done. */
import type { MessageForm } from './form.ts';
import { PEER_REFUSAL_CODES, type Refused } from './messages.ts';
import { blobBytes, REPLY_BYTES, textBytes } from './writer.ts';

const HAS_TOPOLOGY = 1;

export const refusedForm: MessageForm<Refused> = {
  number: 5,
  bodyBytes: ({ text, topology }) => REPLY_BYTES + 2 + textBytes(text) + blobBytes(topology),
  write(message, writer) {
    writer.reply(message);
    writer.oneOf(PEER_REFUSAL_CODES, message.code);
    writer.u8(message.topology === undefined ? 0 : HAS_TOPOLOGY);
    writer.text(message.text);
    writer.optionalBlob(message.topology, 'documentBytes');
  },
  read(stamp, reader) {
    const id = reader.u32();
    const code = reader.oneOf(PEER_REFUSAL_CODES, 'refusal code');
    const hasTopology = reader.flags(HAS_TOPOLOGY) !== 0;
    const text = reader.text();
    const topology = hasTopology ? { topology: reader.blob('documentBytes') } : {};
    return { kind: 'refused', stamp, id, code, text, ...topology };
  },
};
