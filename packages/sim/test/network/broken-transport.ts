/** Transports with a bug planted: what the conformance suite must see. Each wraps a sound one. */
import type {
  CloseReason,
  Connection,
  ConnectionHandler,
  ConnectionKind,
  SendResult,
  Transport,
} from '@torc/base/ports/transport';

/** What a bug does on the way in, on the way out, or to the transport itself. */
export interface Plant {
  readonly receiving?: (handler: ConnectionHandler) => ConnectionHandler;
  readonly sending?: (connection: Connection) => Partial<Pick<Connection, 'send' | 'close'>>;
  readonly transport?: (sound: Transport) => Partial<Transport>;
}

export const PLANTS: Readonly<Record<string, () => Plant>> = {
  'two messages change places': () => ({
    receiving(handler) {
      let held: Uint8Array | undefined;
      let count = 0;
      return passing(handler, {
        received(bytes, start, end) {
          count++;
          if (count === 3) {
            held = bytes.slice(start, end);
            return;
          }
          handler.received(bytes, start, end);
          if (held === undefined) return;
          handler.received(held, 0, held.length);
          held = undefined;
        },
      });
    },
  }),
  'a message is lost without an end': () => ({
    receiving: (handler) => skipping(handler, (count) => count === 4),
  }),
  'the last message is lost without an end': () => ({
    receiving: (handler) => skipping(handler, (count) => count === 10),
  }),
  'a message comes twice': () => ({
    receiving(handler) {
      let count = 0;
      return passing(handler, {
        received(bytes, start, end) {
          handler.received(bytes, start, end);
          if (++count === 5) handler.received(bytes, start, end);
        },
      });
    },
  }),
  'a message is torn in two': () => ({
    receiving: (handler) =>
      passing(handler, {
        received(bytes, start, end) {
          const middle = end - start > 100 ? start + 100 : end;
          handler.received(bytes, start, middle);
          if (middle < end) handler.received(bytes, middle, end);
        },
      }),
  }),
  'a message after closed': () => ({
    receiving(handler) {
      let last = new Uint8Array(0);
      return passing(handler, {
        received(bytes, start, end) {
          last = bytes.slice(start, end);
          handler.received(bytes, start, end);
        },
        closed(reason) {
          handler.closed(reason);
          handler.received(last, 0, last.length);
        },
      });
    },
  }),
  'closed twice': () => ({
    receiving: (handler) =>
      passing(handler, {
        closed(reason) {
          handler.closed(reason);
          handler.closed(reason);
        },
      }),
  }),
  'no closed after a reset': () => ({
    receiving: (handler) =>
      passing(handler, {
        closed: (reason) => {
          if (reason !== 'reset') handler.closed(reason);
        },
      }),
  }),
  'messages after close by this side': () => ({
    receiving(handler) {
      let late: (() => void)[] = [];
      return passing(handler, {
        received(bytes, start, end) {
          const copy = bytes.slice(start, end);
          late.push(() => handler.received(copy, 0, copy.length));
          if (late.length < 6) return;
          // One event hands over several, whatever the handler does meanwhile.
          for (const each of late.splice(0)) each();
        },
        closed(reason) {
          for (const each of late.splice(0)) each();
          late = [];
          handler.closed(reason);
        },
      });
    },
  }),
  'the reason is always the same': () => ({
    receiving: (handler) => passing(handler, { closed: () => handler.closed('reset') }),
  }),
  'the buffer is kept': () => ({
    sending(connection) {
      const kept: { bytes: Uint8Array; start: number; end: number }[] = [];
      return {
        send(bytes, start, end) {
          if (
            !Number.isInteger(start) ||
            !(start >= 0 && start <= end && end <= bytes.length) ||
            connection.queuedBytes > 0 ||
            kept.length > 50
          )
            return connection.send(bytes, start, end);
          kept.push({ bytes, start, end });
          if (kept.length === 1) {
            void Promise.resolve().then(() => {
              for (const each of kept.splice(0)) connection.send(each.bytes, each.start, each.end);
            });
          }
          return 'sent';
        },
      };
    },
  }),
  'the whole buffer is sent': () => ({
    sending: (connection) => ({ send: (bytes) => connection.send(bytes, 0, bytes.length) }),
  }),
  'empty messages vanish': () => ({
    sending: (connection) => ({
      send: (bytes, start, end) => (start === end ? 'sent' : connection.send(bytes, start, end)),
    }),
  }),
  'a full queue drops in silence': () => ({
    sending: (connection) => ({
      send(bytes, start, end) {
        const result = connection.send(bytes, start, end);
        return result === 'refused' && connection.queuedBytes > 0 ? 'slow' : result;
      },
    }),
  }),
  'never slow': () => ({
    sending: (connection) => ({
      send: (bytes, start, end) => noSlow(connection.send(bytes, start, end)),
    }),
  }),
  'never drained': () => ({ receiving: (handler) => passing(handler, { drained: () => {} }) }),
  'drained inside send': () => ({
    transport: (sound) => ({
      connect(address: string, kind: ConnectionKind, handler: ConnectionHandler) {
        const connection = sound.connect(address, kind, handler);
        return proxy(connection, {
          send(bytes, start, end) {
            const result = connection.send(bytes, start, end);
            if (result === 'slow') handler.drained();
            return result;
          },
        });
      },
    }),
  }),
  'closed inside close': () => ({
    transport: (sound) => ({
      connect(address: string, kind: ConnectionKind, handler: ConnectionHandler) {
        let closed = false;
        const once = (reason: CloseReason): void => {
          if (!closed) handler.closed(reason);
          closed = true;
        };
        const connection = sound.connect(address, kind, passing(handler, { closed: once }));
        return proxy(connection, {
          close() {
            connection.close();
            once('closed');
          },
        });
      },
    }),
  }),
  'close forgets what was sent': () => ({
    sending(connection) {
      const waiting: Uint8Array[] = [];
      let isGone = false;
      return {
        send(bytes, start, end) {
          if (isGone || connection.peer === undefined || !(end - start > 0) || connection.queuedBytes > 0)
            return connection.send(bytes, start, end);
          waiting.push(bytes.slice(start, end));
          void Promise.resolve().then(() => {
            for (const each of isGone ? [] : waiting.splice(0)) connection.send(each, 0, each.length);
          });
          return 'sent';
        },
        close() {
          isGone = true;
          connection.close();
        },
      };
    },
  }),
  'opened never comes': () => ({ receiving: (handler) => passing(handler, { opened: () => {} }) }),
  'close of the transport ends nothing': () => ({ transport: () => ({ close: () => Promise.resolve() }) }),
  'one may dial oneself': () => ({
    transport: (sound) => ({
      connect(address: string, kind: ConnectionKind, handler: ConnectionHandler) {
        return sound.connect(address === 'a' ? 'nowhere' : address, kind, handler);
      },
    }),
  }),
};

/** A transport that does what `plant` says, and is sound otherwise. */
export function broken(sound: Transport, plant: Plant): Transport {
  const receiving = plant.receiving ?? ((handler) => handler);
  const sending = (connection: Connection): Connection => proxy(connection, plant.sending?.(connection) ?? {});
  return {
    limits: sound.limits,
    listen: (accept) => sound.listen((connection) => receiving(accept(sending(connection)))),
    connect: (address, kind, handler) => sending(sound.connect(address, kind, receiving(handler))),
    close: () => sound.close(),
    ...plant.transport?.(sound),
  };
}

function passing(handler: ConnectionHandler, changed: Partial<ConnectionHandler>): ConnectionHandler {
  return {
    opened: () => handler.opened(),
    received: (bytes, start, end) => handler.received(bytes, start, end),
    drained: () => handler.drained(),
    closed: (reason) => handler.closed(reason),
    ...changed,
  };
}

function skipping(handler: ConnectionHandler, isSkipped: (count: number) => boolean): ConnectionHandler {
  let count = 0;
  return passing(handler, {
    received(bytes, start, end) {
      count++;
      if (!isSkipped(count)) handler.received(bytes, start, end);
    },
  });
}

function proxy(connection: Connection, changed: Partial<Pick<Connection, 'send' | 'close'>>): Connection {
  return {
    kind: connection.kind,
    get peer() {
      return connection.peer;
    },
    get queuedBytes() {
      return connection.queuedBytes;
    },
    send: changed.send ?? ((bytes, start, end) => connection.send(bytes, start, end)),
    close: changed.close ?? (() => connection.close()),
  };
}

function noSlow(result: SendResult): SendResult {
  return result === 'slow' ? 'sent' : result;
}
