/** The sections of INFO. Field names are Redis's where Redis has the thing; Torc's own stand under `# Torc`. */
import type { NodeFigures, TorcNode } from '@torc/node/node';
import type { DoorInfo } from './door-info.ts';

export interface InfoSection {
  readonly title: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

/** Clients gate features on this, in INFO and in the answer to HELLO. */
export const REDIS_VERSION = '7.0.15';

export function infoSections(node: TorcNode, info: DoorInfo): readonly InfoSection[] {
  const figures = node.figures();
  const uptimeSeconds = Math.max(0, Math.floor((node.wallMs() - info.startedWallMs) / 1000));
  const cpu = info.cpuSeconds();
  return [
    {
      title: 'Server',
      fields: {
        redis_version: REDIS_VERSION,
        torc_version: info.version,
        redis_mode: 'standalone',
        process_id: info.processId(),
        run_id: info.runId,
        tcp_port: info.port,
        uptime_in_seconds: uptimeSeconds,
        uptime_in_days: Math.floor(uptimeSeconds / 86400),
      },
    },
    { title: 'Clients', fields: { connected_clients: info.connections(), blocked_clients: 0 } },
    {
      title: 'Memory',
      fields: {
        used_memory: info.usedBytes(),
        used_memory_rss: info.residentBytes(),
        used_memory_dataset: figures.memtableLiveBytes,
        maxmemory: 0,
      },
    },
    {
      title: 'Persistence',
      fields: {
        loading: 0,
        aof_enabled: 1,
        aof_last_write_status: figures.diskFull ? 'err' : 'ok',
        aof_current_size: figures.logBytes,
      },
    },
    {
      title: 'Stats',
      fields: {
        total_connections_received: info.totalConnections(),
        total_commands_processed: info.totalCommands(),
        rejected_connections: info.refusedConnections(),
      },
    },
    { title: 'Replication', fields: { role: 'master', connected_slaves: 0 } },
    { title: 'CPU', fields: { used_cpu_sys: cpu.system.toFixed(3), used_cpu_user: cpu.user.toFixed(3) } },
    { title: 'Cluster', fields: { cluster_enabled: 0 } },
    { title: 'Keyspace', fields: keyspace(figures.keysByDb) },
    torcSection(node, figures),
  ];
}

/** What Redis has no name for. */
function torcSection(node: TorcNode, figures: NodeFigures): InfoSection {
  return {
    title: 'Torc',
    fields: {
      torc_boot: node.identity.boot,
      torc_actor: node.identity.actor,
      torc_durable_batch: node.durableBatch,
      torc_sync_p99_ms: figures.syncP99Ms.toFixed(3),
      torc_memtable_held_bytes: figures.memtableHeldBytes,
      torc_disk_full: figures.diskFull ? 1 : 0,
    },
  };
}

function keyspace(keysByDb: ReadonlyMap<number, number>): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [db, keys] of keysByDb) if (keys > 0) fields[`db${db}`] = `keys=${keys},expires=0,avg_ttl=0`;
  return fields;
}
