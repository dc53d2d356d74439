/** What INFO says of the process. */
import { cpuUsage, memoryUsage, pid } from 'node:process';
import type { DoorInfo } from './door-info.ts';

export function processInfo(): Pick<DoorInfo, 'residentBytes' | 'usedBytes' | 'processId' | 'cpuSeconds'> {
  return {
    residentBytes: () => memoryUsage.rss(),
    usedBytes: () => {
      const { heapUsed, external } = memoryUsage();
      return heapUsed + external;
    },
    processId: () => pid,
    cpuSeconds: () => {
      const { user, system } = cpuUsage();
      return { user: user / 1e6, system: system / 1e6 };
    },
  };
}
