/** Every byte field of a decoded message, however deep it lies. */
export function byteFieldsOf(value: unknown): readonly Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((inner) => byteFieldsOf(inner));
}
