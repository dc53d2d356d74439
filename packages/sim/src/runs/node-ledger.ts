/**
 * The checkers of a node run: a ledger per key for durability, a history per key for causality, and a second home that is
 * sent records as a peer would be.
 */
import type { TorcRecord } from '@torc/base/record/record';
import { mergeRecords } from '@torc/base/record/merge';
import type { TorcNode } from '@torc/node/node';
import { ReadView } from '@torc/node/replica/views';
import { CausalHistory, dotName } from '../checkers/causal-history.ts';
import { KeyLedger, type Attempt, type Shown } from '../checkers/key-ledger.ts';

interface KeyChecks {
  readonly ledger: KeyLedger;
  readonly history: CausalHistory;
  /** The second home's record, and the truth of what it was sent. */
  witness: TorcRecord | undefined;
  witnessSeen: Set<string>;
}

export function keyBytes(key: number): Uint8Array {
  return Uint8Array.from(`key-${key}`, (c) => c.charCodeAt(0));
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

  /** Judges everything that a node shows after its start. */
  settle(node: TorcNode): void {
    for (const [key, { ledger }] of this.#keys) {
      const problem = ledger.settle(this.#shown(node, key), node.wallMs());
      if (problem !== undefined) this.accuse(`key ${key} after start ${node.identity.boot}: ${problem}`);
    }
  }

  /** Judges one read of a running node. */
  read(node: TorcNode, key: number): void {
    const checks = this.#checks(key);
    const shown = this.#shown(node, key);
    const durable = this.#view.pendingBatch === 0;
    const problem = checks.ledger.observe(shown, node.wallMs(), durable);
    if (problem !== undefined) this.accuse(`key ${key}, read: ${problem}`);
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

  #shown(node: TorcNode, key: number): Shown | undefined {
    const bytes = keyBytes(key);
    const record = node.coordinator.record(0, bytes, 0, bytes.length);
    const view = this.#view;
    const live = node.coordinator.read(0, bytes, 0, bytes.length, view);
    const winner = record?.siblings[0];
    if (winner === undefined) return undefined;
    const answer = live ? String.fromCharCode(...view.bytes.subarray(view.valueStart, view.valueEnd)) : undefined;
    return { stamp: winner.dot.stamp, answer };
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
