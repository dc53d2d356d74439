/**
 * What a simulated network is like: distances, bandwidth, bounds, and how cruel it is. Times are virtual milliseconds.
 */
import { assert } from '@torc/base/assert';
import type { TransportLimits } from '@torc/base/ports/transport';
import type { SimRandom } from '../random.ts';

/** How long a packet takes in one direction. */
export interface Latency {
  readonly baseMs: number;
  /** Up to so much more, evenly. */
  readonly jitterMs: number;
  /** How many packets are in the tail, from 0 to 1. */
  readonly tailShare: number;
  /** What the tail adds: half of it less than this, a tenth more than nine times, never more than 50 times. */
  readonly tailMs: number;
}

/** By the nearest domain that two hosts share. */
export interface Distances {
  readonly host: Latency;
  readonly rack: Latency;
  readonly dc: Latency;
  readonly world: Latency;
}

/** What may strike a connection at any moment, besides the faults that somebody asks for. All 0: nothing. */
export interface Cruelty {
  /** A connection breaks as a message arrives: a probability. */
  readonly resets: number;
  /** A break is heard at once by one side only, by the other late, or when it sends: a probability. */
  readonly halfOpen: number;
  /** A piece of a bulk connection is delayed: a probability, and by how much at most. */
  readonly bulkDelays: number;
  readonly bulkDelayMs: number;
  /** Never more than one message in one piece: a break may strike between any two. */
  readonly piecemeal: boolean;
}

export interface NetworkSettings {
  readonly distances: Distances;
  /** Of each direction between two hosts, shared fairly by the connections on it. */
  readonly bytesPerMs: number;
  readonly limits: TransportLimits;
  /** So much of a connection may be under way without being acknowledged: what the kernels' buffers hold. */
  readonly windowBytes: number;
  /** Connections on one link take turns after so many bytes. */
  readonly pieceBytes: number;
  /** How often an idle connection is probed: how late it notices a peer that is reached and knows nothing of it. */
  readonly probeMs: number;
  /** After a cut is healed, lost packets are sent again within this. */
  readonly retransmitMs: number;
  readonly cruelty: Cruelty;
}

/** What each message counts besides its bytes, in a queue and on the link. */
export const MESSAGE_OVERHEAD_BYTES = 16;

const MOST_TAIL = 50;

/** Connections as in life: order within one, loss only by a break that somebody caused. 10 Gbit/s. */
export const CALM_NETWORK: NetworkSettings = {
  distances: {
    host: { baseMs: 0.02, jitterMs: 0.01, tailShare: 0, tailMs: 0 },
    rack: { baseMs: 0.1, jitterMs: 0.05, tailShare: 0.01, tailMs: 0.2 },
    dc: { baseMs: 0.3, jitterMs: 0.2, tailShare: 0.01, tailMs: 1 },
    world: { baseMs: 40, jitterMs: 4, tailShare: 0.01, tailMs: 20 },
  },
  bytesPerMs: 1_250_000,
  limits: {
    messageBytes: 32 * 1024 * 1024,
    highWaterBytes: 4 * 1024 * 1024,
    queueBytes: 64 * 1024 * 1024,
    connectMs: 3000,
    silenceMs: 10_000,
  },
  windowBytes: 1024 * 1024,
  pieceBytes: 64 * 1024,
  probeMs: 2000,
  retransmitMs: 200,
  cruelty: { resets: 0, halfOpen: 0, bulkDelays: 0, bulkDelayMs: 0, piecemeal: false },
};

/** The same promises at their worst. */
export const CRUEL_NETWORK: NetworkSettings = {
  ...CALM_NETWORK,
  distances: {
    host: { baseMs: 0.02, jitterMs: 0.2, tailShare: 0.02, tailMs: 1 },
    rack: { baseMs: 0.1, jitterMs: 1, tailShare: 0.05, tailMs: 5 },
    dc: { baseMs: 0.3, jitterMs: 3, tailShare: 0.05, tailMs: 10 },
    world: { baseMs: 40, jitterMs: 40, tailShare: 0.05, tailMs: 100 },
  },
  retransmitMs: 1500,
  cruelty: { resets: 0.003, halfOpen: 0.4, bulkDelays: 0.1, bulkDelayMs: 300, piecemeal: true },
};

export function checkSettings({ limits, windowBytes, pieceBytes, bytesPerMs }: NetworkSettings): void {
  const { messageBytes, highWaterBytes, queueBytes } = limits;
  assert(highWaterBytes < queueBytes, 'the high-water mark lies below the bound of the queue');
  assert(
    messageBytes + MESSAGE_OVERHEAD_BYTES + highWaterBytes / 2 <= queueBytes,
    'any message fits a queue at half the high-water mark',
  );
  assert(windowBytes > 0 && pieceBytes > 0 && bytesPerMs > 0, 'a link carries something');
}

export function drawLatencyMs(latency: Latency, random: SimRandom): number {
  const plainMs = latency.baseMs + latency.jitterMs * random.fraction();
  if (!random.chance(latency.tailShare)) return plainMs;
  return plainMs + latency.tailMs * Math.min(1 / (1 - random.fraction()) - 1, MOST_TAIL);
}
