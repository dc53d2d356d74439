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
        used_memory_dataset: figures.engine.memory.memtableBytes,
        maxmemory: 0,
      },
    },
    {
      title: 'Persistence',
      fields: {
        loading: 0,
        aof_enabled: 1,
        aof_last_write_status: figures.engine.diskFull ? 'err' : 'ok',
        aof_current_size: figures.engine.logBytes,
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
function torcSection(node: TorcNode, { engine }: NodeFigures): InfoSection {
  return {
    title: 'Torc',
    fields: {
      torc_boot: node.identity.boot,
      torc_actor: node.identity.actor,
      torc_durable_batch: node.durableBatch,
      torc_sync_p99_ms: engine.syncP99Ms.toFixed(3),
      torc_read_p99_ms: engine.readP99Ms.toFixed(3),
      torc_memory_budget_bytes: engine.memory.totalBytes,
      torc_memtable_used_bytes: engine.memtableUsedBytes,
      torc_memtable_held_bytes: engine.memtableHeldBytes,
      torc_frozen_memtables: engine.frozenMemtables,
      torc_runs: engine.runs,
      torc_tables: engine.tables,
      torc_table_bytes: engine.tableBytes,
      torc_log_written_bytes: engine.logBytes,
      torc_flushed_bytes: engine.flushedBytes,
      torc_compaction_steps: engine.compactionSteps,
      torc_compacted_bytes: engine.compactedOutBytes,
      torc_block_cache_bytes: engine.memory.blockCacheBytes,
      torc_block_cache_hits: engine.blockCacheHits,
      torc_block_cache_misses: engine.blockCacheMisses,
      torc_record_cache_bytes: engine.memory.recordCacheBytes,
      torc_record_cache_hits: engine.recordCacheHits,
      torc_record_cache_misses: engine.recordCacheMisses,
      torc_block_reads: engine.blockReads,
      torc_damaged_ranges: engine.damagedRanges,
      torc_disk_full: engine.diskFull ? 1 : 0,
    },
  };
}

function keyspace(keysByDb: ReadonlyMap<number, number>): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [db, keys] of keysByDb) if (keys > 0) fields[`db${db}`] = `keys=${keys},expires=0,avg_ttl=0`;
  return fields;
}
