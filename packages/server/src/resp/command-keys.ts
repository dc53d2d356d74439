/** Which arguments of a command are keys, by its row in the table. */
import { EngineKey } from '@torc/storage/key';
import type { RespDecoder } from '@torc/wire/resp/decoder';
import type { Command } from './command.ts';

/** Numbers of the arguments, of `count`, that are keys. */
export function keyArguments(command: Command, count: number): number[] {
  const [first, last, step] = command.keys;
  const numbers: number[] = [];
  if (first === 0) return numbers;
  const end = last < 0 ? count + last : last;
  for (let arg = first; arg <= end && arg < count; arg += step) numbers.push(arg);
  return numbers;
}

export function hasSeveralKeys(command: Command, args: RespDecoder): boolean {
  const [first, last] = command.keys;
  return first !== 0 && (last < 0 ? args.count + last : last) > first;
}

/** The keys in memory of their own. */
export function commandKeys(command: Command, args: RespDecoder, db: number): EngineKey[] {
  return keyArguments(command, args.count).map((arg) => {
    const bytes = args.bytes.slice(args.starts[arg], args.ends[arg]);
    return new EngineKey().aim(db, bytes, 0, bytes.length);
  });
}
