/**
 * Keys whose expired values a compaction is about to forget: counted out already, not gone yet. A write that came between
 * the two would say of its key that it had a value, and the log and the manifest would count it differently. So such a
 * key waits, for one edit of the manifest.
 */
import { Refusal } from '@torc/base/errors';
import type { KeyRange } from '../manifest/edit.ts';
import { isInRanges } from '../version/version.ts';
import { KEY_PREFIX_BYTES, writeKeyPrefix, type EngineKey } from '../key.ts';

export class Dropping {
  readonly #keys = new Set<string>();
  #range: KeyRange | undefined;
  #failed = false;
  #ended: Promise<void> = Promise.resolve();
  #end: () => void = () => {};

  get any(): boolean {
    return this.#keys.size > 0 || this.#range !== undefined;
  }

  /** Steps of compactions and drops take turns: what began before has ended. */
  begin(keys: readonly Uint8Array[], range?: KeyRange): void {
    for (const key of keys) this.#keys.add(textOf(key));
    this.#range = range;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  end(): void {
    this.#keys.clear();
    this.#range = undefined;
    this.#end();
  }

  /** Nobody can say whether the edit is durable: the keys stay held, and whoever waits for them is told so. */
  fail(): void {
    this.#failed = true;
    this.#end();
  }

  has(key: EngineKey): boolean {
    const bytes = new Uint8Array(KEY_PREFIX_BYTES + key.end - key.start);
    writeKeyPrefix(bytes, 0, key.bucket, key.position);
    bytes.set(key.bytes.subarray(key.start, key.end), KEY_PREFIX_BYTES);
    if (this.#range !== undefined && isInRanges([this.#range], bytes, 0, bytes.length)) return true;
    return this.#keys.has(textOf(bytes));
  }

  /** Settles when none of these keys is being forgotten. */
  async settle(keys: readonly EngineKey[]): Promise<void> {
    while (this.any && keys.some((key) => this.has(key))) {
      if (this.#failed) throw new Refusal('stopped', 'the manifest stopped: nobody can say what is there');
      await this.#ended;
    }
  }
}

function textOf(key: Uint8Array): string {
  let text = '';
  for (const byte of key) text += String.fromCharCode(byte);
  return text;
}
