/**
 * One direction of a connection: a bounded queue, pieces under way, and their order at the other end.
 *
 * 1. Pieces carry numbers. What arrives early waits for what was sent before it, so order holds whatever the path does.
 * 2. What is under way without an acknowledgement stays within the window; the rest waits in the queue.
 * 3. A piece that was lost is sent again while its sender's end lives. Once that is gone, what is lost stays lost.
 *
 * The first item of each pipe is the greeting, the identity of its sender; a farewell is its last.
 */
import type { SimRandom } from '../random.ts';
import type { Path, Piece, Sender } from './path.ts';
import { MESSAGE_OVERHEAD_BYTES, type NetworkSettings } from './settings.ts';

/** What the two ends of a pipe do. */
export interface PipeEnds {
  readonly isBulk: boolean;
  /** Once the greeting has left, nothing follows until this says so. */
  mayFlow(): boolean;
  /** The queue has become shorter. */
  flowed(): void;
  greeted(): void;
  /** The receiver hears of it in order. False: there is no receiver any more. */
  arrived(message: Uint8Array): boolean;
  farewellArrived(): void;
  /** All that was sent, the farewell included, is known to have arrived. */
  farewellKnown(): void;
  /** The path refuses, or there is nobody at its end who knows this connection. */
  refused(): void;
}

export interface PipeParts {
  readonly path: Path;
  /** The other direction, for acknowledgements. */
  readonly back: Path;
  readonly settings: NetworkSettings;
  readonly random: SimRandom;
  readonly ends: PipeEnds;
}

type Item = 'greeting' | 'farewell' | Uint8Array;

export class Pipe implements Sender {
  readonly #parts: PipeParts;
  readonly #queue: Item[] = ['greeting'];
  /** Of the first message in the queue, what has left already. */
  #leftBytes = 0;
  #queuedBytes = 0;
  #underWayBytes = 0;
  #sent = 0;
  #delivered = 0;
  /** What arrived before its turn, by number. */
  readonly #early: Map<number, readonly Item[]> = new Map();
  #isSevered = false;

  constructor(parts: PipeParts) {
    this.#parts = parts;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Takes a message as it is: the caller has copied it. */
  push(message: Uint8Array): void {
    this.#queue.push(message);
    this.#queuedBytes += message.length + MESSAGE_OVERHEAD_BYTES;
  }

  bidFarewell(): void {
    this.#queue.push('farewell');
  }

  /** Lets out what may leave. */
  flow(): void {
    this.#parts.path.serve(this);
  }

  /** The sender's end is gone: what has not left never does, and nothing is sent again. */
  sever(): void {
    this.#isSevered = true;
    this.#queue.length = 0;
    this.#leftBytes = 0;
    this.#queuedBytes = 0;
  }

  takePiece(): Piece | undefined {
    const { settings, ends, random } = this.#parts;
    if (this.#underWayBytes >= settings.windowBytes) return undefined;
    const items = this.#takeItems();
    if (items === undefined) return undefined;
    const { done, sizeBytes } = items;
    const number = this.#sent++;
    this.#underWayBytes += sizeBytes;
    const { cruelty } = settings;
    const isDelayed = ends.isBulk && random.chance(cruelty.bulkDelays);
    ends.flowed();
    return {
      sizeBytes,
      delayMs: isDelayed ? cruelty.bulkDelayMs * random.fraction() : 0,
      isWanted: () => true,
      isRepeated: () => !this.#isSevered,
      land: () => this.#land(number, sizeBytes, done),
      refused: () => ends.refused(),
    };
  }

  /** Whole messages, and the part of the last one that still fits. `undefined`: nothing may leave now. */
  #takeItems(): { readonly done: Item[]; readonly sizeBytes: number } | undefined {
    const { settings, ends } = this.#parts;
    const { pieceBytes, cruelty } = settings;
    const done: Item[] = [];
    let sizeBytes = 0;
    while (sizeBytes < pieceBytes) {
      const item = this.#queue[0];
      if (item === undefined || (item !== 'greeting' && !ends.mayFlow())) break;
      if (cruelty.piecemeal && done.length > 0) break;
      if (typeof item === 'string') {
        sizeBytes += MESSAGE_OVERHEAD_BYTES;
      } else {
        const restBytes = item.length + MESSAGE_OVERHEAD_BYTES - this.#leftBytes;
        const takenBytes = Math.min(restBytes, pieceBytes - sizeBytes);
        sizeBytes += takenBytes;
        this.#queuedBytes -= takenBytes;
        this.#leftBytes = takenBytes < restBytes ? this.#leftBytes + takenBytes : 0;
        if (takenBytes < restBytes) break;
      }
      this.#queue.shift();
      done.push(item);
    }
    return sizeBytes === 0 ? undefined : { done, sizeBytes };
  }

  #land(number: number, sizeBytes: number, items: readonly Item[]): void {
    this.#early.set(number, items);
    let hasFarewell = false;
    for (;;) {
      const next = this.#early.get(this.#delivered);
      if (next === undefined) break;
      this.#early.delete(this.#delivered++);
      for (const item of next) {
        if (!this.#deliver(item)) return;
        hasFarewell ||= item === 'farewell';
      }
    }
    this.#parts.back.fly({
      isWanted: () => !this.#isSevered,
      isRepeated: () => !this.#isSevered,
      land: () => this.#acknowledged(sizeBytes, hasFarewell),
    });
  }

  /** False: nobody is there, and the sender is told so. */
  #deliver(item: Item): boolean {
    const { ends, back } = this.#parts;
    if (item === 'greeting') ends.greeted();
    else if (item === 'farewell') ends.farewellArrived();
    else if (!ends.arrived(item)) {
      back.fly({
        isWanted: () => !this.#isSevered,
        isRepeated: () => false,
        land: () => ends.refused(),
      });
      return false;
    }
    return true;
  }

  #acknowledged(sizeBytes: number, hasFarewell: boolean): void {
    this.#underWayBytes -= sizeBytes;
    if (hasFarewell) this.#parts.ends.farewellKnown();
    else this.flow();
  }
}
