/** Messages as a person reads them: one line each, with the bytes that went over. */
import { printableText } from '@torc/base/bytes';
import { digestRecord } from '@torc/base/record/hash';
import { decodeRecord } from '@torc/base/record/codec';
import { decodeExchange } from '../../src/exchange/codec.ts';
import type { ExchangeMessage, Lanes } from '../../src/exchange/messages.ts';

export function transcriptOf(
  sent: readonly { readonly from: number; readonly to: number; readonly bytes: Uint8Array }[],
  names: readonly string[],
): string {
  return sent
    .map(({ from, to, bytes }) => {
      const { message } = decodeExchange(bytes);
      const size = `${bytes.length} bytes`.padStart(10);
      return `${names[from]} -> ${names[to]} ${size}  ${message.kind.padEnd(12)} ${said(message)}`.trimEnd();
    })
    .join('\n');
}

function said(message: ExchangeMessage): string {
  switch (message.kind) {
    case 'open':
      return `partition ${message.partition} of ${2 ** message.partitionBits}, 2^${message.depth} leaves, root ${hash(message.rootLow, message.rootHigh)}`;
    case 'same':
      return `root ${hash(message.rootLow, message.rootHigh)}`;
    case 'opened':
      return `another root; level ${message.level}: ${message.hashes.low.length} hashes, ${first(message.hashes)}`;
    case 'ask':
      return `level ${message.childLevel} below ${[...message.parents].join(' ')}`;
    case 'hashes':
      return `level ${message.level}: ${message.hashes.low.length} hashes, ${first(message.hashes)}`;
    case 'list':
      return [...message.leaves]
        .map((leaf, at) => `leaf ${leaf}: ${message.counts[at]} keys`)
        .concat(first(message.digests))
        .join(', ');
    case 'differs':
      return `lacking ${[...message.lacking].map((bits) => bits.toString(2).padStart(8, '0')).join(' ')}, of ${message.count}`;
    case 'records':
      return message.records
        .map(({ key, record }) => {
          const { low, high } = digestRecord(decodeRecord(record));
          return `"${printableText(key, 6)}", ${record.length} bytes, ${hash(low, high)}`;
        })
        .join('; ');
    case 'acknowledged':
      return `${message.total} durable`;
    case 'finish':
      return `${message.leftOut} left out`;
    case 'finished':
      return '';
    case 'abort':
      return message.reason;
  }
}

function first({ low, high }: Lanes): string {
  return low.length === 0 ? 'none' : `${hash(low[0] as number, high[0] as number)} …`;
}

function hash(low: number, high: number): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
