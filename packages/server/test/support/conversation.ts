/** One connection's worth of bytes out and bytes back, for tests that look at the wire itself. */
import { connect } from 'node:net';

const limitMs = 15_000;

export interface Conversation {
  /** Everything that the server sent before it closed, as Latin-1. */
  readonly answer: string;
  /** How the connection ended: closed by the server in order, cut (reset), or still open at the deadline. */
  readonly ended: 'closed' | 'reset' | 'open';
}

/**
 * Sends bytes and collects what comes back until the server closes. With `halfClose` our side is closed right after the
 * last byte, as `printf ... | nc` does.
 */
export function converse(
  port: number,
  bytes: string | Uint8Array,
  options: { halfClose?: boolean; limitMs?: number } = {},
): Promise<Conversation> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    let answer = '';
    let ended: Conversation['ended'] = 'closed';
    const timer = setTimeout(() => {
      ended = 'open';
      socket.destroy();
    }, options.limitMs ?? limitMs);
    socket.on('connect', () => {
      if (options.halfClose === true) socket.end(bytes);
      else socket.write(bytes);
    });
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('end', () => socket.end());
    socket.on('error', () => {
      ended = 'reset';
      socket.destroy();
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({ answer, ended });
    });
  });
}
