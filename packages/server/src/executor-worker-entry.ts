/**
 * The far side of the worker executor: loads the module with the jobs, runs what it is told, answers each.
 *
 * 1. A job that throws answers with its failure; the worker goes on.
 * 2. If the module cannot be loaded the worker ends with that error, which its owner passes on to whoever waits.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '@torc/base/assert';
import { describeFailure, type Job } from '@torc/base/ports/executor';
import { type JobReply, type JobRequest, movable, type WorkerSettings } from './executor-messages.ts';

interface JobModule {
  createJobs(settings: unknown): Readonly<Record<string, Job>> | Promise<Readonly<Record<string, Job>>>;
}

const port = parentPort;
assert(port !== null, 'this module runs in a worker');
const { module, settings } = workerData as WorkerSettings;
const loaded = (await import(module)) as JobModule;
const jobs = await loaded.createJobs(settings);

port.on('message', (request: JobRequest) => {
  void answer(request).then((reply) => {
    port.postMessage(reply, 'output' in reply ? [reply.output.buffer as ArrayBuffer] : []);
  });
});

async function answer({ id, kind, input, shared }: JobRequest): Promise<JobReply> {
  const job = Object.hasOwn(jobs, kind) ? jobs[kind] : undefined;
  if (job === undefined) return { id, failure: { name: 'ExecutorError', detail: `no job of kind ${kind}` } };
  try {
    return { id, output: movable(await job(input, shared)) };
  } catch (error: unknown) {
    return { id, failure: describeFailure(kind, error) };
  }
}
