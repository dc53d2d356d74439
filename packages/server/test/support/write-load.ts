/**
 * The load under which a node is killed: several connections, each with a deep pipeline of SET, DEL and GET over keys of
 * its own, most of them over a few hot ones, and one reader that looks at everybody's keys. Everything that is sent and
 * every answer goes into the ledger.
 *
 * A connection's answers come in the order of its commands, and a key belongs to one connection: so the ledger is exact.
 * An answer that is impossible even without a crash (an error, a DEL that counts wrong, a read that goes back) is a
 * complaint at once.
 */
import type { Random } from '@torc/base/ports/random';
import { encode, RawClient } from './raw-client.ts';
import { textOf } from './reply-reader.ts';
import { describeViolation, type Held, type WriteLedger } from './write-ledger.ts';

const writers = 4;
const keysPerWriter = 24;
const hotKeys = 3;
const writerDepth = 50;
const readerDepth = 10;

export class WriteLoad {
  /** What no server may answer, crash or not. */
  readonly complaints: string[] = [];
  readonly #ledger: WriteLedger;
  readonly #round: number;
  readonly #clients: RawClient[] = [];
  #acknowledged = 0;
  #trigger: { readonly count: number; readonly run: () => void } | undefined;
  #running = true;

  private constructor(ledger: WriteLedger, round: number) {
    this.#ledger = ledger;
    this.#round = round;
  }

  /** Connects and begins. `round` makes the values of this load different from those of every other. */
  static async start(port: number, ledger: WriteLedger, random: Random, round: number): Promise<WriteLoad> {
    const load = new WriteLoad(ledger, round);
    for (let n = 0; n <= writers; n++) load.#clients.push(await RawClient.connect(port));
    for (const [n, client] of load.#clients.entries()) {
      const draw = random.fork(`connection ${n}`);
      const next = n < writers ? load.#writer(n, draw) : load.#reader(draw);
      load.#keepFull(client, n < writers ? writerDepth : readerDepth, next);
    }
    return load;
  }

  /** Writes that this load had acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Calls back once, from within the reading of the acknowledgement with that number: not a moment later. */
  atAcknowledgement(count: number, run: () => void): void {
    this.#trigger = { count, run };
  }

  /** Commands in flight. */
  get pending(): number {
    return this.#clients.reduce((sum, client) => sum + client.pending, 0);
  }

  /** Sends nothing more, and waits until all connections are gone: the server has to be dead or dying. */
  async finish(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#clients.map((client) => client.closed));
  }

  /** Keeps `depth` commands in flight; those that answers make room for in one turn leave in one write. */
  #keepFull(client: RawClient, depth: number, next: (client: RawClient, answered: () => void) => void): void {
    let scheduled = false;
    const top = (): void => {
      scheduled = false;
      if (!this.#running || client.socket.destroyed) return;
      client.socket.cork();
      while (client.pending < depth) next(client, answered);
      client.socket.uncork();
    };
    const answered = (): void => {
      if (scheduled) return;
      scheduled = true;
      process.nextTick(top);
    };
    top();
  }

  #writer(writer: number, draw: Random): (client: RawClient, answered: () => void) => void {
    let sequence = 0;
    return (client, answered) => {
      const hot = draw.fraction() < 0.5;
      const key = `w${writer}:${draw.below(hot ? hotKeys : keysPerWriter)}`;
      const kind = draw.fraction();
      if (kind < 0.1) this.#get(client, key, this.#ledger.latestOf(key), answered);
      else if (kind < 0.3) this.#write(client, key, null, answered);
      else this.#write(client, key, `${key}=${this.#round}.${sequence++}${padding(draw)}`, answered);
    };
  }

  #reader(draw: Random): (client: RawClient, answered: () => void) => void {
    return (client, answered) => {
      const key = `w${draw.below(writers)}:${draw.below(hotKeys * 2)}`;
      this.#get(client, key, this.#ledger.floorOf(key), answered);
    };
  }

  #write(client: RawClient, key: string, value: Held, answered: () => void): void {
    const expected = value !== null ? 'OK' : this.#ledger.latest(key) === null ? 0 : 1;
    const attempt = this.#ledger.attempt(key, value);
    client.request(encode(value === null ? ['DEL', key] : ['SET', key, value]), (reply) => {
      if (reply instanceof Error) return;
      answered();
      if (reply === expected) {
        this.#ledger.acknowledge(key, attempt);
        this.#acknowledged += 1;
        this.#fire();
      } else {
        this.complaints.push(
          `${value === null ? 'DEL' : 'SET'} ${key} answered ${textOf(reply).slice(0, 80)}, not ${expected}`,
        );
      }
    });
  }

  #fire(): void {
    if (this.#trigger === undefined || this.#acknowledged < this.#trigger.count) return;
    const { run } = this.#trigger;
    this.#trigger = undefined;
    run();
  }

  #get(client: RawClient, key: string, from: number, answered: () => void): void {
    client.request(encode(['GET', key]), (reply) => {
      if (reply instanceof Error) return;
      answered();
      if (reply !== null && !Buffer.isBuffer(reply)) {
        this.complaints.push(`GET ${key} answered ${textOf(reply).slice(0, 80)}`);
        return;
      }
      const wrong = this.#ledger.observe(key, reply === null ? null : reply.toString('latin1'), from);
      if (wrong !== undefined) this.complaints.push(`a read: ${describeViolation(wrong)}`);
    });
  }
}

/** Mostly short; now and then a few KiB, rarely 64 KiB, so that a batch is torn in the middle of a value too. */
function padding(draw: Random): string {
  const kind = draw.fraction();
  if (kind < 0.95) return '.'.repeat(draw.below(200));
  return '.'.repeat(kind < 0.995 ? draw.below(8 * 1024) : 64 * 1024);
}
