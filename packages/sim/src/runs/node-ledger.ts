/**
 * The checkers of a node run: a ledger per key for durability, a history per key for causality, and a second home that is
 * sent records as a peer would be.
 */
import { asciiBytes } from '@torc/base/bytes';
import type { TorcRecord } from '@torc/base/record/record';
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcNode } from '@torc/node/node';
import { ReadView } from '@torc/node/replica/views';
import { CausalHistory, dotName } from '../checkers/causal-history.ts';
import { KeyLedger, type Attempt, type Promised, type Shown } from '../checkers/key-ledger.ts';
import { asADoor, type Settle } from './as-a-door.ts';

interface KeyChecks {
  readonly ledger: KeyLedger;
  readonly history: CausalHistory;
  /** The second home's record, and the truth of what it was sent. */
  witness: TorcRecord | undefined;
  witnessSeen: Set<string>;
}

interface ShownRecord extends Shown {
  /** The winner is no tombstone, expired or not. */
  readonly isValue: boolean;
}

export function keyBytes(key: number): Uint8Array {
  return asciiBytes(keyText(key));
}

export function keyText(key: number): string {
  return `key-${key}`;
}

export class NodeLedger {
  writes = 0;
  readonly #keys = new Map<number, KeyChecks>();
  readonly #accusations: string[] = [];
  readonly #view = new ReadView();

  get sound(): boolean {
    return this.#accusations.length === 0;
  }

  violations(): readonly string[] {
    const causal = [...this.#keys].flatMap(([key, { history }]) => history.violations.map((v) => `key ${key}: ${v}`));
    return [...this.#accusations, ...causal];
  }

  accuse(what: string): void {
    this.#accusations.push(what);
  }

  /** A write that was accepted, by a writer that had seen `before`. */
  wrote(key: number, attempt: Attempt, actor: number, before: TorcRecord | undefined): void {
    const checks = this.#checks(key);
    const seen = checks.history.closure((before?.siblings ?? []).map(({ dot }) => dotName(dot)));
    checks.history.wrote({ actor, stamp: attempt.stamp }, seen);
    checks.ledger.tried(attempt);
    this.writes += 1;
  }

  durable(batch: number): void {
    for (const { ledger } of this.#keys.values()) ledger.durable(batch);
  }

  refused(batch: number): void {
    for (const { ledger } of this.#keys.values()) ledger.refused(batch);
  }

  crashed(): void {
    for (const { ledger } of this.#keys.values()) ledger.crashed();
    for (const [key, { history, witness, witnessSeen }] of this.#keys) {
      history.judge(`the second home of key ${key}`, witnessSeen, witness?.siblings ?? []);
    }
  }

  /** Judges everything that a node shows after its start, and that it counts its values right. */
  async settle(node: TorcNode, settle: Settle): Promise<void> {
    const keys = [...this.#keys.keys()];
    // In one turn, so that nothing is forgotten between the keys and the count.
    await asADoor(node, keys.map(keyBytes), settle, () => {
      const shown = keys.map((key) => this.#shown(node, key));
      const where = `after start ${node.identity.boot}`;
      for (const [at, key] of keys.entries()) {
        const problem = this.#checks(key).ledger.settle(shown[at], node.wallMs());
        if (problem !== undefined) this.accuse(`key ${key} ${where}: ${problem}`);
      }
      this.#judgeCount(node, shown, where);
    });
  }

  /** Judges how many values a running node counts. */
  async count(node: TorcNode, settle: Settle): Promise<void> {
    const keys = [...this.#keys.keys()];
    await asADoor(node, keys.map(keyBytes), settle, () => {
      const shown = keys.map((key) => this.#shown(node, key));
      this.#judgeCount(node, shown, 'while it runs');
    });
  }

  /** Judges one read of a running node. */
  async read(node: TorcNode, key: number, settle: Settle): Promise<void> {
    const checks = this.#checks(key);
    await asADoor(node, [keyBytes(key)], settle, () => {
      const shown = this.#shown(node, key);
      const durable = this.#view.pendingBatch === 0;
      const problem = checks.ledger.observe(shown, node.wallMs(), durable);
      if (problem !== undefined) this.accuse(`key ${key}, read: ${problem}`);
    });
  }

  /** What a snapshot shows that is taken now. */
  promised(takenMs: number): Map<string, Promised> {
    const promised = new Map<string, Promised>();
    for (const [key, { ledger }] of this.#keys) {
      const expected = ledger.promised(takenMs);
      if (expected !== undefined) promised.set(keyText(key), expected);
    }
    return promised;
  }

  /** Sends the key's whole record to the second home. */
  ship(node: TorcNode, key: number): void {
    const record = node.coordinator.record(0, keyBytes(key), 0, keyBytes(key).length);
    if (record === undefined) return;
    const checks = this.#checks(key);
    checks.witness = checks.witness === undefined ? record : mergeRecords(checks.witness, record);
    for (const name of checks.history.closure(record.siblings.map(({ dot }) => dotName(dot)))) {
      checks.witnessSeen.add(name);
    }
  }

  #shown(node: TorcNode, key: number): ShownRecord | undefined {
    const bytes = keyBytes(key);
    const record = node.coordinator.record(0, bytes, 0, bytes.length);
    const view = this.#view;
    const live = node.coordinator.read(0, bytes, 0, bytes.length, view);
    const winner = record?.siblings[0];
    if (winner === undefined) return undefined;
    const answer = live ? String.fromCharCode(...view.bytes.subarray(view.valueStart, view.valueEnd)) : undefined;
    return { stamp: winner.dot.stamp, answer, isValue: winner.tombstone !== true };
  }

  /** Values are counted exactly, expired ones until they are forgotten. */
  #judgeCount(node: TorcNode, shown: readonly (ShownRecord | undefined)[], where: string): void {
    const values = shown.filter((one) => one?.isValue === true).length;
    const counted = node.figures().keysByDb.get(0);
    if (counted !== values) this.accuse(`${where} it counts ${counted} values, and shows ${values}`);
  }

  #checks(key: number): KeyChecks {
    let checks = this.#keys.get(key);
    if (checks === undefined) {
      checks = { ledger: new KeyLedger(), history: new CausalHistory(), witness: undefined, witnessSeen: new Set() };
      this.#keys.set(key, checks);
    }
    return checks;
  }
}
