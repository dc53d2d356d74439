/** Names that CLIENT SETNAME and HELLO SETNAME take: printable ASCII without spaces, as Redis has it, at most 256 bytes. */
export function isClientName(name: string): boolean {
  return name.length <= 256 && /^[!-~]*$/.test(name) && !name.includes('\\x');
}
