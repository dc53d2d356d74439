/** Names of connections are at most this long. */
export const MOST_NAME_BYTES = 256;

/** Names that CLIENT SETNAME and HELLO SETNAME take: printable ASCII without spaces, as Redis has it. */
export function isClientName(name: string): boolean {
  return name.length <= MOST_NAME_BYTES && /^[!-~]*$/.test(name) && !name.includes('\\x');
}
