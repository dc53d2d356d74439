/** The topology, asked for and sent whole. */
import type { MessageForm } from './form.ts';
import type { TopologyIs, WantTopology } from './messages.ts';
import { blobBytes } from './writer.ts';

export const wantTopologyForm: MessageForm<WantTopology> = {
  number: 8,
  bodyBytes: () => 8,
  write: ({ epoch }, writer) => writer.u53(epoch),
  read: (stamp, reader) => ({ kind: 'want-topology', stamp, epoch: reader.u53() }),
};

export const topologyForm: MessageForm<TopologyIs> = {
  number: 9,
  bodyBytes: ({ document }) => blobBytes(document),
  write: ({ document }, writer) => writer.blob(document, 'documentBytes'),
  read: (stamp, reader) => ({ kind: 'topology', stamp, document: reader.blob('documentBytes') }),
};
