/** What one connection may ask of memory. Published in `docs/operating/limits.md`. */
export interface RespLimits {
  /** One argument. */
  readonly bulkBytes: number;
  /** Arguments of one command. */
  readonly args: number;
  /** One command as it stands on the wire. */
  readonly commandBytes: number;
  /** One line of an inline command, or of a length. */
  readonly inlineBytes: number;
}

export const DEFAULT_RESP_LIMITS: RespLimits = {
  bulkBytes: 17 * 1024 * 1024,
  args: 1024 * 1024,
  commandBytes: 64 * 1024 * 1024,
  inlineBytes: 64 * 1024,
};
