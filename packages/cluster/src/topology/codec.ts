/**
 * The topology as bytes: `docs/formats/topology.md`. One document has one form, so equal documents have equal bytes; what
 * does not decode, is not in that form or breaks a rule of the document is a `CodecError`, whatever it claims.
 *
 * Little-endian. A seat names its holder by its place in the list of members, which makes it two bytes.
 */
import { crc32c } from '@torc/base/crc32c';
import { CodecError } from '@torc/base/errors';
import { ByteReader, ByteWriter } from './byte-cursor.ts';
import { faultsOf } from './faults.ts';
import { LIMITS } from './limits.ts';
import type { Bucket, DcCopies, Member, MemberState, PlacedClass, Placement, Seat, Topology } from './topology.ts';

const MAGIC = 'TORCTOPO';
const VERSION = 1;
const CRC_BYTES = 4;
/** In this order from 0 in the format. */
const STATES: readonly MemberState[] = ['joining', 'active', 'leaving'];
const SEAT_FULL = 0;
const SEAT_FILLING = 1;
/** Filling, and not counted yet. */
const SEAT_ADDED = 2;
const RULES: readonly Bucket['conflict'][] = ['latest', 'siblings'];

/** `topology` has to be sound (`checked`). */
export function encodeTopology(topology: Topology): Uint8Array {
  const writer = new ByteWriter();
  writer.ascii(MAGIC);
  writer.u8(VERSION);
  writer.u8(topology.partitionBits);
  writer.u16(topology.formatNumber);
  writer.u53(topology.epoch);
  writer.u32(topology.nextActor);
  writer.name(topology.clusterId);
  writer.u16(topology.members.length);
  for (const member of topology.members) writeMember(writer, member);
  writer.u8(topology.voters.length);
  for (const actor of topology.voters) writer.u32(actor);
  const places = new Map(topology.members.map(({ actor }, place) => [actor, place]));
  writer.u8(topology.classes.length);
  for (const placed of topology.classes) writeClass(writer, placed, places);
  writer.u16(topology.buckets.length);
  for (const { db, conflict, placementClass, name } of topology.buckets) {
    writer.u16(db);
    writer.u8(RULES.indexOf(conflict));
    writer.u8(topology.classes.findIndex((one) => one.name === placementClass));
    writer.name(name);
  }
  writer.u32(crc32c(writer.bytes, 0, writer.end));
  return writer.bytes.slice(0, writer.end);
}

/** Throws a `CodecError`. Keeps nothing of `bytes`. */
export function decodeTopology(bytes: Uint8Array): Topology {
  if (bytes.length < MAGIC.length + 1 + CRC_BYTES) throw new CodecError(`a topology of ${bytes.length} bytes`);
  const reader = new ByteReader(bytes, bytes.length - CRC_BYTES);
  if (reader.ascii(MAGIC.length) !== MAGIC) throw new CodecError('no topology: it does not begin with TORCTOPO');
  const version = reader.u8();
  if (version !== VERSION) throw new CodecError(`a topology of version ${version}; version ${VERSION} is known here`);
  const sum = new ByteReader(bytes.subarray(bytes.length - CRC_BYTES), CRC_BYTES).u32();
  if (sum !== crc32c(bytes, 0, bytes.length - CRC_BYTES)) throw new CodecError('a topology whose checksum is wrong');
  const topology = readBody(reader);
  if (!reader.isDone) throw new CodecError(`a topology with bytes too many at byte ${reader.at}`);
  const faults = faultsOf(topology);
  if (faults.length > 0) throw new CodecError(`a topology that breaks its rules: ${faults.slice(0, 3).join('; ')}`);
  return topology;
}

function readBody(reader: ByteReader): Topology {
  const partitionBits = reader.u8();
  const formatNumber = reader.u16();
  const epoch = reader.u53();
  const nextActor = reader.u32();
  const clusterId = reader.name();
  const members = readList(reader, reader.u16(), () => readMember(reader));
  const voters = readList(reader, reader.u8(), () => reader.u32());
  const classes = readList(reader, reader.u8(), () => readClass(reader, partitionBits, members));
  const buckets = readList(reader, reader.u16(), () => readBucket(reader, classes));
  return { clusterId, formatNumber, epoch, partitionBits, nextActor, members, voters, classes, buckets };
}

function writeMember(writer: ByteWriter, { actor, weight, state, id, host, rack, dc }: Member): void {
  writer.u32(actor);
  writer.u16(weight);
  writer.u8(STATES.indexOf(state));
  for (const name of [id, host, rack, dc]) writer.name(name);
}

function readMember(reader: ByteReader): Member {
  const actor = reader.u32();
  const weight = reader.u16();
  const state = reader.oneOf(STATES);
  return { actor, weight, state, id: reader.name(), host: reader.name(), rack: reader.name(), dc: reader.name() };
}

function writeClass(writer: ByteWriter, placed: PlacedClass, places: ReadonlyMap<number, number>): void {
  writer.name(placed.name);
  writer.u8(placed.copies);
  writer.u8(placed.copiesByDc.length);
  for (const { dc, copies } of placed.copiesByDc) {
    writer.name(dc);
    writer.u8(copies);
  }
  for (const { number, seats } of placed.placements) {
    writer.u32(number);
    writer.u8(seats.length);
    for (const seat of seats) writer.u16((places.get(seat.actor) as number) * 4 + stateOf(seat));
  }
}

function readClass(reader: ByteReader, partitionBits: number, members: readonly Member[]): PlacedClass {
  const name = reader.name();
  const copies = reader.u8();
  const copiesByDc = readList(reader, reader.u8(), (): DcCopies => ({ dc: reader.name(), copies: reader.u8() }));
  // Bounded before anything is made: a placement has five bytes at least.
  const placements = readList(reader, 2 ** partitionBits, () => readPlacement(reader, members));
  return { name, copies, copiesByDc, placements };
}

function stateOf({ filling, counted }: Seat): number {
  if (!counted) return SEAT_ADDED;
  return filling ? SEAT_FILLING : SEAT_FULL;
}

function readPlacement(reader: ByteReader, members: readonly Member[]): Placement {
  const number = reader.u32();
  const count = reader.u8();
  if (count > LIMITS.seats) throw reader.error(`${count} seats`);
  const seats = readList(reader, count, (): Seat => {
    const word = reader.u16();
    const holder = members[word >>> 2];
    if (holder === undefined) throw reader.error(`a seat of member ${word >>> 2}, of ${members.length}`);
    const state = word & 3;
    if (state > SEAT_ADDED) throw reader.error(`a seat in state ${state}`);
    return { actor: holder.actor, filling: state !== SEAT_FULL, counted: state !== SEAT_ADDED };
  });
  return { number, seats };
}

function readBucket(reader: ByteReader, classes: readonly PlacedClass[]): Bucket {
  const db = reader.u16();
  const conflict = reader.oneOf(RULES);
  const placementClass = reader.oneOf(classes).name;
  return { db, conflict, placementClass, name: reader.name() };
}

/** Every item has one byte at least, so a count above the bytes that are left is found before anything is made for it. */
function readList<T>(reader: ByteReader, count: number, read: () => T): readonly T[] {
  reader.need(count);
  const list: T[] = [];
  for (let n = 0; n < count; n += 1) list.push(read());
  return list;
}
