/** Reads INFO as monitoring does: lines of `field:value` between headings. */
import type { RawClient } from './raw-client.ts';

export async function infoOf(client: RawClient, ...sections: string[]): Promise<Map<string, string>> {
  const reply = await client.command('INFO', ...sections);
  if (!Buffer.isBuffer(reply)) throw new Error(`INFO answered ${JSON.stringify(reply)}`);
  const fields = reply
    .toString('utf8')
    .split('\r\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(fields.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

/** A field that is a number; throws when INFO lacks it. */
export async function infoNumber(client: RawClient, field: string): Promise<number> {
  const value = (await infoOf(client)).get(field);
  const number = Number(value);
  if (value === undefined || value.trim() === '' || Number.isNaN(number)) throw new Error(`INFO has ${field}:${value}`);
  return number;
}
