/** Data larger than the memory budget, over a real socket and real files: every value comes back from the disk. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TorcServer } from '../../src/serve.ts';
import { infoOf } from '../support/info.ts';
import { againstRedis } from '../support/launch.ts';
import { encode, RawClient } from '../support/raw-client.ts';
import { textOf } from '../support/reply-reader.ts';

const KEYS = 20_000;
const VALUE_BYTES = 1024;
const KIB = 1024;
const MEMORY_BYTES = 4 * KIB * KIB;

describe('data larger than memory', { skip: againstRedis }, () => {
  let folder = '';
  let server: TorcServer;
  let client: RawClient;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'torc-cold-'));
    await open();
  });
  after(async () => {
    client[Symbol.dispose]();
    await server.close();
    await rm(folder, { recursive: true });
  });

  async function open(): Promise<void> {
    const sizes = {
      memoryBytes: MEMORY_BYTES,
      memtableBytes: 512 * KIB,
      tableBytes: 2 * KIB * KIB,
      logBytes: 4 * KIB * KIB,
    };
    const engine = { ...sizes, reserveBytes: 0, segmentBytes: 4 * KIB * KIB, compactionBytesPerSecond: 0 };
    server = await TorcServer.start({
      dataDirectory: folder,
      host: '127.0.0.1',
      port: 0,
      maxConnections: 10,
      version: '0.0.0',
      engine,
    });
    client = await RawClient.connect(server.port);
  }

  /** Reads every key, or every `step`-th, in an order that no block has, and compares. */
  async function readAll(gone: (n: number) => boolean, step = 1): Promise<void> {
    for (let from = 0; from < KEYS; from += 1000 * step) {
      const numbers = Array.from({ length: 1000 }, (_, n) => ((from + n * step) * 7919) % KEYS);
      const commands = Buffer.concat(numbers.map((n) => encode(['GET', `key ${n}`])));
      const replies = await client.sendMany(commands, numbers.length);
      for (const [at, n] of numbers.entries()) {
        const reply = replies[at];
        if (gone(n)) assert.equal(reply, null, `key ${n}`);
        else assert.ok(Buffer.isBuffer(reply) && reply.equals(valueOf(n)), `key ${n}: ${textOf(reply).slice(0, 60)}`);
      }
    }
  }

  test(`${KEYS} keys of 1 KiB are written, and read back out of ${MEMORY_BYTES / KIB / KIB} MiB`, async () => {
    for (let from = 0; from < KEYS; from += 500) {
      const commands = Array.from({ length: 500 }, (_, n) => encode(['SET', `key ${from + n}`, valueOf(from + n)]));
      const replies = await client.sendMany(Buffer.concat(commands), 500);
      assert.ok(replies.every((reply) => reply === 'OK'));
    }
    await readAll(() => false);
    const info = await infoOf(client);
    assert.ok(Number(info.get('torc_table_bytes')) > (KEYS * VALUE_BYTES) / 2, info.get('torc_table_bytes'));
    assert.ok(Number(info.get('torc_block_reads')) > 1000, info.get('torc_block_reads'));
    const cached = Number(info.get('torc_block_cache_bytes')) + Number(info.get('torc_record_cache_bytes'));
    assert.ok(cached > 0 && cached < MEMORY_BYTES, `${cached} bytes in the caches`);
    assert.match(info.get('db0') ?? '', new RegExp(`^keys=${KEYS},`));
  });

  test('TORC.EXPLAIN tells where a key was looked for', async () => {
    const lines = await client.command('TORC.EXPLAIN', 'key 77');
    assert.ok(Array.isArray(lines));
    const text = lines.map((line) => textOf(line)).join('\n');
    for (const step of [
      /^key: bucket 0, slot \d+/,
      /^memtable: absent$/m,
      /^table \d+ \((bottom|run \d+)\): whole$/m,
      /^blocks: /m,
    ]) {
      assert.match(text, step);
    }
    const absent = await client.command('TORC.EXPLAIN', 'never');
    assert.ok(Array.isArray(absent) && absent.some((line) => textOf(line) === 'record: none'));
  });

  test('deletes of cold keys count what was there, and all is so after a stop and a start', async () => {
    const gone = (n: number): boolean => n % 40 === 0;
    const numbers = Array.from({ length: KEYS / 40 }, (_, n) => n * 40);
    for (let from = 0; from < numbers.length; from += 10) {
      const keys = numbers.slice(from, from + 10).map((n) => `key ${n}`);
      assert.equal(await client.command('DEL', ...keys, 'never'), 10);
      assert.equal(await client.command('EXISTS', ...keys, `key ${from * 40 + 1}`), 1);
    }
    client[Symbol.dispose]();
    await server.close();
    await open();
    await readAll(gone, 4);
    assert.match((await infoOf(client)).get('db0') ?? '', new RegExp(`^keys=${KEYS - numbers.length},`));
  });
});

/** Half of it hard to compress. */
function valueOf(n: number): Buffer {
  const value = Buffer.alloc(VALUE_BYTES, `value of key ${n} `);
  let state = n + 1;
  for (let at = 0; at < VALUE_BYTES / 2; at += 1) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    value[at] = state >>> 16;
  }
  return value;
}
