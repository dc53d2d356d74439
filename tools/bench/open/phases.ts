/**
 * The phases of the open bench, each in a process of its own over the same folder: fill and close; open, read; fill a
 * little more and die by kill -9; open again, look for what was acknowledged, read; overwrite with little memory.
 */
import { mkdirSync } from 'node:fs';
import { keyBytes } from '../engine/data.ts';
import type { Measured, Opened } from '../engine/protocol.ts';
import { StoreProcess } from '../engine/store-process.ts';
import type { OpenBenchOptions } from './options.ts';
import { watch, type Watched } from './watch.ts';

export interface Phase {
  readonly name: string;
  readonly opened: Opened;
  readonly memory: Watched;
  readonly filled?: Measured;
  readonly read?: Measured;
  /** Memory once it has settled, and once the store was closed. */
  readonly rssBytes: number;
}

export interface Overwriting {
  readonly opened: Opened;
  readonly measured: Measured;
  readonly budgetBytes: number;
  readonly memory: Watched;
  readonly userBytes: number;
  /** By the kernel's account, settling included. */
  readonly writtenBytes: number;
  /** By the store's own count, where it has one. */
  readonly storeWrittenBytes?: number;
  readonly settledDiskBytes: number;
}

export interface OpenResult {
  readonly fill: Phase;
  readonly afterClose: Phase;
  readonly afterKill: Phase;
  readonly overwriting: Overwriting;
  readonly userBytes: number;
}

interface Bench extends OpenBenchOptions {
  readonly folder: string;
  readonly say: (line: string) => void;
}

const cacheFraction = 10;
const moreKeys = 0.01;

export async function measurePhases(bench: Bench): Promise<OpenResult> {
  mkdirSync(bench.folder, { recursive: true });
  const { keys, say } = bench;
  const all = keys + Math.ceil(keys * moreKeys);
  say(`fill: ${keys} keys of ${bench.valueBytes} B`);
  const fill = await inProcess(bench, bench.budgetBytes, (process) => fillAndClose(bench, process));
  say(`open after a clean end; read for ${bench.seconds} s; fill ${all - keys} more; kill -9`);
  const afterClose = await inProcess(bench, bench.budgetBytes, (process) => readAndDie(bench, process, all));
  say(`open after the kill; read for ${bench.seconds} s`);
  const afterKill = await inProcess(bench, bench.budgetBytes, (process) => readAndClose(bench, process, all));
  const userBytes = all * (keyBytes + bench.valueBytes);
  const budgetBytes = Math.max(1024 * 1024, Math.round(userBytes / cacheFraction));
  say(`overwrite ${bench.overwrites} keys at random with a budget of ${Math.round(budgetBytes / 2 ** 20)} MiB`);
  const overwriting = await inProcess(bench, budgetBytes, (process) => overwrite(bench, process, all));
  return { fill, afterClose, afterKill, overwriting: { ...overwriting, budgetBytes }, userBytes };
}

interface Fresh {
  readonly process: StoreProcess;
  readonly budgetBytes: number;
  readonly watched: () => Watched;
}

async function inProcess<Result>(
  bench: Bench,
  budgetBytes: number,
  run: (fresh: Fresh) => Promise<Result>,
): Promise<Result> {
  const process = new StoreProcess();
  const watched = watch(process.pid, bench.folder);
  try {
    return await run({ process, budgetBytes, watched });
  } finally {
    watched();
    await process.stop();
  }
}

function open(bench: Bench, { process, budgetBytes }: Fresh, probe?: number): Promise<Opened> {
  const { folder, valueBytes } = bench;
  const options = { store: 'torc', folder, budgetBytes, valueBytes, holdsAll: true } as const;
  return process.call('open', { ...options, ...(probe === undefined ? {} : { probe }) });
}

async function fillAndClose(bench: Bench, fresh: Fresh): Promise<Phase> {
  const opened = await open(bench, fresh);
  const filled = await fresh.process.call('fill', { from: 0, to: bench.keys });
  const { rssBytes } = await fresh.process.call('settle', {});
  const memory = fresh.watched();
  await fresh.process.call('close', {});
  return { name: 'fill', opened, filled, memory, rssBytes };
}

async function readAndDie(bench: Bench, fresh: Fresh, all: number): Promise<Phase> {
  const { process } = fresh;
  const opened = await open(bench, fresh, 0);
  const read = await reads(bench, process, bench.keys);
  const { rssBytes } = await process.call('figures', {});
  await process.call('fill', { from: bench.keys, to: all });
  const memory = fresh.watched();
  await process.kill();
  return { name: 'after a clean end', opened, read, memory, rssBytes };
}

/** The last key was acknowledged right before the kill: the first get asks for it, and the reads for all the others. */
async function readAndClose(bench: Bench, fresh: Fresh, all: number): Promise<Phase> {
  const { process } = fresh;
  const opened = await open(bench, fresh, all - 1);
  await process.call('verify', { from: bench.keys, to: all });
  const read = await reads(bench, process, all);
  const { rssBytes } = await process.call('figures', {});
  const memory = fresh.watched();
  await process.call('close', {});
  return { name: 'after kill -9', opened, read, memory, rssBytes };
}

/** In pieces with draws of their own: one piece's draws, gone round many times, would be a small part of the keys. */
async function reads(bench: Bench, process: StoreProcess, keys: number): Promise<Measured> {
  let [way, operations, seconds] = ['', 0, 0];
  for (let seed = 1; seconds < bench.seconds; seed += 1) {
    const piece = Math.max(0.05, Math.min(1, bench.seconds - seconds));
    const measured = await process.call('measure', { row: 'cold-get', keys, seconds: piece, seed });
    way = measured.way;
    operations += measured.operations;
    seconds += measured.seconds;
  }
  return { way, operations, seconds, opsPerSec: operations / seconds };
}

async function overwrite(bench: Bench, fresh: Fresh, keys: number): Promise<Omit<Overwriting, 'budgetBytes'>> {
  const { process } = fresh;
  const opened = await open(bench, fresh, 0);
  const before = await process.call('settle', {});
  const measured = await process.call('overwrite', { keys, count: bench.overwrites, seed: 2 });
  const after = await process.call('settle', {});
  const memory = fresh.watched();
  await process.call('close', {});
  const own = (after.storeWrittenBytes ?? 0) - (before.storeWrittenBytes ?? 0);
  return {
    opened,
    measured,
    memory,
    userBytes: bench.overwrites * (keyBytes + bench.valueBytes),
    writtenBytes: after.writtenBytes - before.writtenBytes,
    ...(after.storeWrittenBytes === undefined ? {} : { storeWrittenBytes: own }),
    settledDiskBytes: after.diskBytes,
  };
}
