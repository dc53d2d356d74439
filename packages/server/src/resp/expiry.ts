/** Times to live on the wire: relative or absolute, seconds or milliseconds, never past what a number holds. */
import type { Session } from './session.ts';

export type ExpiryOption = 'ex' | 'px' | 'exat' | 'pxat';

export function expiryOption(session: Session, arg: number): ExpiryOption | undefined {
  if (session.isWord(arg, 'ex')) return 'ex';
  if (session.isWord(arg, 'px')) return 'px';
  if (session.isWord(arg, 'exat')) return 'exat';
  return session.isWord(arg, 'pxat') ? 'pxat' : undefined;
}

/** ms since 1970, or `undefined` when the amount is not positive or ends beyond 2^53 ms. */
export function expiryTime(option: ExpiryOption, amount: number, wallMs: number): number | undefined {
  if (amount <= 0) return undefined;
  const amountMs = option === 'ex' || option === 'exat' ? amount * 1000 : amount;
  const expiresAtMs = option === 'ex' || option === 'px' ? wallMs + amountMs : amountMs;
  return Number.isSafeInteger(expiresAtMs) ? expiresAtMs : undefined;
}

/** What is left of argument 1's life: ms, -1 for ever, -2 when it is not there. */
export function remainingMs(session: Session): number {
  const { args, view } = session;
  const start = args.starts[1] as number;
  const found = session.coordinator.read(session.db, args.bytes, start, args.ends[1] as number, view);
  session.waitForRead();
  if (!found) return -2;
  return view.expiresAtMs === 0 ? -1 : Math.max(0, view.expiresAtMs - session.node.wallMs());
}
