/**
 * A register that clients use at the same time: each operation takes effect at one moment between invocation and reply, or
 * with an unknown outcome at any later one or never. Mistakes can be planted.
 */
import type { Operation, Reply, Request, Value } from '../../src/checkers/history.ts';
import type { SimRandom } from '../../src/random.ts';

export interface RunOptions {
  readonly operations: number;
  readonly clients: number;
  readonly unknownChance: number;
  /** How often each kind of request is drawn. */
  readonly weights: Readonly<Record<Request['kind'], number>>;
  /** Mean ms from invocation to reply, and between an operation of a client and its next. */
  readonly durationMs: number;
  readonly pauseMs: number;
  /** How much later than its reply an operation with an unknown outcome may take effect. */
  readonly latestEffectMs: number;
  /** The chance that an operation shows or loses something it must not. */
  readonly staleReadChance?: number;
  readonly lostWriteChance?: number;
}

interface Pending {
  readonly id: number;
  readonly client: number;
  readonly request: Request;
  readonly from: number;
  readonly to: number;
  /** `undefined`: never. */
  readonly effectMs: number | undefined;
  readonly isUnknown: boolean;
}

/** The operations in the order of their invocations, and how many mistakes were made. */
export function runRegister(random: SimRandom, options: RunOptions): { operations: Operation[]; mistakes: number } {
  const pending = drawRequests(random, options);
  const replies = new Map<number, Reply>();
  const values: Value[] = [undefined];
  let mistakes = 0;
  const inOrder = pending.filter(({ effectMs }) => effectMs !== undefined);
  inOrder.sort((a, b) => (a.effectMs as number) - (b.effectMs as number));
  for (const { id, request } of inOrder) {
    const state = values.at(-1);
    const effect = effectOf(request, state);
    let { reply } = effect;
    if (effect.writes && random.chance(options.lostWriteChance ?? 0)) mistakes += 1;
    else if (effect.writes) values.push(effect.state);
    else if (request.kind === 'read' && random.chance(options.staleReadChance ?? 0)) {
      const returned = values.at(-3);
      if (returned !== state) mistakes += 1;
      reply = { outcome: 'applied', returned };
    }
    replies.set(id, reply);
  }
  const operations = pending.map(
    ({ id, client, request, from, to, isUnknown }): Operation => ({
      id,
      client: `c${client}`,
      key: 'k',
      request,
      invoked: { atMs: from, sequence: 2 * id },
      replied: { atMs: to, sequence: 2 * id + 1 },
      reply: isUnknown ? { outcome: 'unknown' } : (replies.get(id) ?? { outcome: 'unknown' }),
    }),
  );
  return { operations, mistakes };
}

function drawRequests(random: SimRandom, options: RunOptions): Pending[] {
  const nextMs = Array.from({ length: options.clients }, () => random.fraction() * options.pauseMs);
  const kinds = Object.entries(options.weights).flatMap(([kind, weight]) => Array<string>(weight).fill(kind));
  const known: Value[] = [undefined];
  return Array.from({ length: options.operations }, (_, id) => {
    const client = nextMs.indexOf(Math.min(...nextMs));
    const from = nextMs[client] as number;
    const to = from + 2 * random.fraction() * options.durationMs;
    nextMs[client] = to + 2 * random.fraction() * options.pauseMs;
    const request = requestOf(random.pick(kinds) as Request['kind'], `v${id}`, known, random);
    if ('value' in request && request.value !== undefined) known.push(request.value);
    const isUnknown = random.chance(options.unknownChance);
    const latest = isUnknown ? to + random.fraction() * options.latestEffectMs : to;
    const never = isUnknown && random.chance(0.5);
    const effectMs = never ? undefined : from + random.fraction() * (latest - from);
    return { id, client, request, from, to, effectMs, isUnknown };
  });
}

function requestOf(kind: Request['kind'], value: string, known: readonly Value[], random: SimRandom): Request {
  switch (kind) {
    case 'read':
    case 'delete':
      return { kind };
    case 'write':
      return { kind, value };
    case 'compare-and-set':
      // Mostly what was written of late, so that the condition often holds.
      return { kind, expected: random.chance(0.2) ? undefined : random.pick(known.slice(-4)), value };
    case 'read-modify-write':
      return { kind, value: random.chance(0.2) ? undefined : value };
  }
}

function effectOf(request: Request, state: Value): { reply: Reply; writes: boolean; state: Value } {
  const applied: Reply = { outcome: 'applied' };
  switch (request.kind) {
    case 'read':
      return { reply: { ...applied, returned: state }, writes: false, state };
    case 'write':
      return { reply: applied, writes: true, state: request.value };
    case 'delete':
      return { reply: applied, writes: true, state: undefined };
    case 'compare-and-set':
      if (state === request.expected) return { reply: applied, writes: true, state: request.value };
      return { reply: { outcome: 'rejected', conditionFailed: true }, writes: false, state };
    case 'read-modify-write':
      return { reply: { ...applied, returned: state }, writes: true, state: request.value };
  }
}
