/** A writer whose buffer grows in the middle of anything loses nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWriter } from '../../src/topology/byte-cursor.ts';

test('bytes written one by one are all there, wherever the buffer grew', () => {
  const writer = new ByteWriter();
  const count = 20_000;
  for (let n = 0; n < count; n += 1) writer.u8(1 + (n % 255));
  for (let n = 0; n < count; n += 1) assert.equal(writer.bytes[n], 1 + (n % 255), `byte ${n}`);
});
