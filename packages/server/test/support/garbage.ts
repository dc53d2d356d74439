/**
 * Frames that a broken or hostile client might send: valid commands, damaged by seeded mutations. The same draws give
 * the same bytes, so that a failing seed can be run again.
 */
import type { Random } from '@torc/base/ports/random';
import { encode } from './raw-client.ts';

const seeds: readonly Buffer[] = [
  encode(['SET', 'garbage:a', 'value']),
  encode(['SET', 'garbage:b', 'x'.repeat(300), 'EX', '100', 'NX']),
  encode(['GET', 'garbage:a']),
  encode(['DEL', 'garbage:a', 'garbage:b', 'garbage:c']),
  encode(['EXISTS', '', '\0', 'garbage:b']),
  encode(['HELLO', '3', 'SETNAME', 'garbage']),
  encode(['SELECT', '1']),
  encode(['CLIENT', 'SETINFO', 'LIB-NAME', 'garbage']),
  encode(['COMMAND', 'DOCS', 'get']),
  encode(['INFO']),
  encode(['TTL', 'garbage:b']),
  encode([]),
  Buffer.from('PING\r\n'),
  Buffer.from('SET garbage:inline "quoted \\x00 value"\r\n'),
  Buffer.from('*-1\r\n$-1\r\n'),
  Buffer.from('*1\r\n*1\r\n*1\r\n$4\r\nPING\r\n'),
];

/** Numbers at which lengths go wrong. */
const numbers = ['-1', '-2', '0', '00', '1', '+3', '65536', '2147483647', '2147483648', '4294967296', '1e9', '', ' 3'];
const hugeNumbers = ['9007199254740993', '9223372036854775807', '18446744073709551616', '9'.repeat(400)];

type Mutation = (frame: Buffer, draw: Random) => Buffer;

const mutations: readonly Mutation[] = [
  flipByte,
  cutTail,
  dropRange,
  repeatRange,
  insertNoise,
  changeNumber,
  (frame, draw) => Buffer.concat([frame, pick(seeds, draw)]),
  (frame, draw) => Buffer.concat([frame.subarray(0, draw.below(frame.length + 1)), pick(seeds, draw)]),
];

/** One frame with up to four mutations; one in eight is left whole, so that sense and nonsense alternate. */
export function garbageFrame(draw: Random): Buffer {
  let frame = pick(seeds, draw);
  for (let left = draw.below(8) === 0 ? 0 : 1 + draw.below(4); left > 0; left--)
    frame = pick(mutations, draw)(frame, draw);
  return frame;
}

function pick<T>(items: readonly T[], draw: Random): T {
  return items[draw.below(items.length)] as T;
}

function flipByte(frame: Buffer, draw: Random): Buffer {
  if (frame.length === 0) return frame;
  const copy = Buffer.from(frame);
  const at = draw.below(copy.length);
  copy[at] = (copy[at] as number) ^ (1 << draw.below(8));
  return copy;
}

function cutTail(frame: Buffer, draw: Random): Buffer {
  return frame.subarray(0, draw.below(frame.length + 1));
}

function dropRange(frame: Buffer, draw: Random): Buffer {
  const from = draw.below(frame.length + 1);
  return Buffer.concat([frame.subarray(0, from), frame.subarray(from + 1 + draw.below(16))]);
}

function repeatRange(frame: Buffer, draw: Random): Buffer {
  const from = draw.below(frame.length + 1);
  const to = Math.min(frame.length, from + 1 + draw.below(32));
  return Buffer.concat([frame.subarray(0, to), frame.subarray(from)]);
}

function insertNoise(frame: Buffer, draw: Random): Buffer {
  const at = draw.below(frame.length + 1);
  const noise = Buffer.from(Array.from({ length: 1 + draw.below(24) }, () => draw.below(256)));
  return Buffer.concat([frame.subarray(0, at), noise, frame.subarray(at)]);
}

function changeNumber(frame: Buffer, draw: Random): Buffer {
  const text = frame.toString('latin1');
  const places = [...text.matchAll(/\d+/g)];
  if (places.length === 0) return frame;
  const place = pick(places, draw);
  const number = pick(draw.below(3) === 0 ? hugeNumbers : numbers, draw);
  return Buffer.from(text.slice(0, place.index) + number + text.slice(place.index + place[0].length), 'latin1');
}
