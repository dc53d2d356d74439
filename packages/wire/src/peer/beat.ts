/** A sign of life. */
import type { MessageForm } from './form.ts';
import type { Beat } from './messages.ts';

export const beatForm: MessageForm<Beat> = {
  number: 10,
  bodyBytes: () => 20,
  write({ epoch, boot, lagMs }, writer) {
    writer.u53(epoch);
    writer.u53(boot);
    writer.u32(lagMs);
  },
  read: (stamp, reader) => ({
    kind: 'beat',
    stamp,
    epoch: reader.u53(),
    boot: reader.u53(),
    lagMs: reader.u32(),
  }),
};
