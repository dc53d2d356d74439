/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4), sixteen bytes a step where there are many.
 *
 * `seed` is the checksum of what came before: `crc32c(b, crc32c(a))` is `crc32c(a + b)`. Formats use a seed made of their
 * place (segment, file, offset), so that sound bytes in the wrong place do not pass.
 */
const POLYNOMIAL = 0x82f63b78;

/** Sixteen tables of 256, one after another: table k advances a byte by k further bytes of zeros. */
const TABLES: Int32Array = makeTables();

function makeTables(): Int32Array {
  const tables = new Int32Array(16 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i += 1) {
    const before = tables[i - 256] as number;
    tables[i] = (before >>> 8) ^ (tables[before & 0xff] as number);
  }
  return tables;
}

/** Below this a view for reading words costs more than it saves. */
const LONG_BYTES = 64;

export function crc32c(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  const t = TABLES;
  let crc = ~seed;
  let i = start;
  if (end - start >= LONG_BYTES) {
    const stop = end - ((end - start) & 15);
    crc = longCrc(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), start, stop, crc);
    i = stop;
  }
  for (; i < end; i += 1) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[i] as number)) & 0xff] as number);
  return ~crc >>> 0;
}

/** Whole steps of sixteen bytes, read as words: one load, where bytes take four. */
function longCrc(words: DataView, start: number, end: number, before: number): number {
  const t = TABLES;
  let crc = before;
  for (let i = start; i < end; i += 16) {
    const a = crc ^ words.getInt32(i, true);
    const b = words.getInt32(i + 4, true);
    const c = words.getInt32(i + 8, true);
    const d = words.getInt32(i + 12, true);
    crc =
      (t[3840 + (a & 0xff)] as number) ^
      (t[3584 + ((a >>> 8) & 0xff)] as number) ^
      (t[3328 + ((a >>> 16) & 0xff)] as number) ^
      (t[3072 + (a >>> 24)] as number) ^
      (t[2816 + (b & 0xff)] as number) ^
      (t[2560 + ((b >>> 8) & 0xff)] as number) ^
      (t[2304 + ((b >>> 16) & 0xff)] as number) ^
      (t[2048 + (b >>> 24)] as number) ^
      (t[1792 + (c & 0xff)] as number) ^
      (t[1536 + ((c >>> 8) & 0xff)] as number) ^
      (t[1280 + ((c >>> 16) & 0xff)] as number) ^
      (t[1024 + (c >>> 24)] as number) ^
      (t[768 + (d & 0xff)] as number) ^
      (t[512 + ((d >>> 8) & 0xff)] as number) ^
      (t[256 + ((d >>> 16) & 0xff)] as number) ^
      (t[d >>> 24] as number);
  }
  return crc;
}
