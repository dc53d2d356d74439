/** What the commands that describe the server may ask of the door. */
export interface DoorInfo {
  readonly startedWallMs: number;
  readonly port: number;
  readonly host: string;
  readonly version: string;
  readonly runId: string;
  connections(): number;
  totalConnections(): number;
  refusedConnections(): number;
  totalCommands(): number;
  /** Resident memory of the process, in bytes. */
  residentBytes(): number;
  /** Bytes of the JavaScript heap and of buffers in use. */
  usedBytes(): number;
  processId(): number;
  /** Whole seconds of CPU time, user and system. */
  cpuSeconds(): { readonly user: number; readonly system: number };
  describeClient(id: number): string;
}
