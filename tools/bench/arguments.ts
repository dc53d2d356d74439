/** Arguments of the benches, read strictly: a typing mistake must not measure something else. */

export function list(text: string): readonly string[] {
  return text.split(',').map((item) => item.trim());
}

export function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new Error(`${name} has to be a number from ${least} to ${most}, not "${text}"`);
}

export function whole(name: string, text: string, least: number, most: number): number {
  const value = number(name, text, least, most);
  if (Number.isInteger(value)) return value;
  throw new Error(`${name} has to be a whole number, not "${text}"`);
}

/** The named ones in the order of the report, whatever order they were named in; all when none was. */
export function chosen<Name extends string>(
  option: string,
  text: string | undefined,
  known: readonly Name[],
): readonly Name[] {
  if (text === undefined) return known;
  const asked = list(text);
  const unknown = asked.find((name) => !known.some((one) => one === name));
  if (unknown !== undefined) throw new Error(`${option} knows ${known.join(', ')}, not "${unknown}"`);
  return known.filter((name) => asked.includes(name));
}
