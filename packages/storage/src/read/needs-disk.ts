/**
 * Thrown, one and the same object, when an answer lies on the disk and may not be fetched in this turn: load the keys
 * (`Engine.load`) and ask again. Nothing went wrong, and nothing was done.
 */
export class NeedsDisk extends Error {
  override readonly name = 'NeedsDisk';
}

export const NEEDS_LOAD: NeedsDisk = new NeedsDisk('the answer lies on the disk: load it first');
