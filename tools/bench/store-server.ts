/**
 * The process of one store in the engine bench: memory, garbage and stalls are the store's own. Started by
 * `engine/store-process.ts`, and ends when that goes away, however it ends.
 */
import { Host } from './engine/host.ts';
import type { Call, Reply } from './engine/protocol.ts';

const host = new Host();

const reply = (message: Reply): void => void process.send?.(message);

process.on('disconnect', () => process.exit(1));
// Ctrl-C reaches the whole group: the bench ends its stores itself, after it has said why.
process.on('SIGINT', () => {});
process.on('message', ({ id, operation, request }: Call) => {
  const handle = host.handlers[operation] as (request: unknown) => Promise<unknown>;
  Promise.resolve()
    .then(() => handle(request))
    .then(
      (result) => reply({ id, result }),
      (error: unknown) => reply({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
});
