/** Any message of any kind, with small byte fields, for property tests. Numbers lean to the ends of their ranges. */
import { PEER_REFUSAL_CODES, type Operation, type PeerMessage } from '@torc/wire/peer/messages';
import fc from 'fast-check';

const upTo = (largest: number): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: 0, max: largest }), fc.constantFrom(0, 1, largest - 1, largest));

const u8 = upTo(0xff);
const u16 = upTo(0xffff);
const u32 = upTo(0xffffffff);
const u53 = upTo(Number.MAX_SAFE_INTEGER);

const bytes = fc.uint8Array({ maxLength: 12 });
const operationId = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 6 }),
  fc.uint8Array({ minLength: 64, maxLength: 64 }),
);

const printable = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0x20, max: 0x7e }), { minLength, maxLength })
    .map((units) => String.fromCharCode(...units));

const text = fc.oneof(printable(0, 20), fc.constant('x'.repeat(512)));
const code = fc.oneof(printable(1, 20), fc.constant('c'.repeat(64)));

/** The required fields and any of the optional ones. Plain objects, as the decoder makes them. */
function fields<R, O = unknown>(
  required: { [K in keyof R]: fc.Arbitrary<R[K]> },
  optional?: { [K in keyof O]: fc.Arbitrary<O[K]> },
): fc.Arbitrary<R & Partial<O>> {
  const always = fc.record(required, { noNullPrototype: true });
  const sometimes = fc.record(optional ?? ({} as never), { requiredKeys: [], noNullPrototype: true });
  return fc.tuple(always, sometimes).map(([one, other]) => ({ ...one, ...other }) as R & Partial<O>);
}

const only = <K extends string>(word: K): fc.Arbitrary<K> => fc.constant(word);

const request = { stamp: u53, id: u32, remainingMs: u32 };
const reply = { stamp: u53, id: u32 };
const atKey = { placement: u32, bucket: u16, key: bytes };

const operationFields = { bucket: u16, key: bytes, level: u8, expiresAtMs: u53, isSecondAttempt: fc.boolean() };
const operationOptions = { context: bytes, operationId, firstStamp: u53, atLeast: bytes };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fields({ op: only('read'), ...operationFields }, operationOptions),
  fields({ op: only('write'), ...operationFields, value: bytes }, operationOptions),
  fields({ op: only('remove'), ...operationFields }, operationOptions),
);

const outcome = fc.constantFrom('applied' as const, 'rejected' as const, 'unknown' as const);
const forwardedFields = { kind: only('forwarded'), ...reply, outcome, met: u16 };
const forwardedOptions = { code, text, record: bytes, operationId };

export const MESSAGES: { readonly [K in PeerMessage['kind']]: fc.Arbitrary<PeerMessage> } = {
  store: fields({ kind: only('store'), ...request, ...atKey, record: bytes, wantsNewer: fc.boolean() }),
  stored: fields({ kind: only('stored'), ...reply }, { newer: bytes }),
  fetch: fields({ kind: only('fetch'), ...request, ...atKey, digestOnly: fc.boolean() }),
  fetched: fc.oneof(
    fields({ kind: only('fetched'), ...reply, found: fc.constant(false) }),
    fields({ kind: only('fetched'), ...reply, found: fc.constant(true), digest: fields({ low: u32, high: u32 }) }),
    fields({ kind: only('fetched'), ...reply, found: fc.constant(true), record: bytes }),
  ),
  refused: fields(
    { kind: only('refused'), ...reply, code: fc.constantFrom(...PEER_REFUSAL_CODES), text },
    { topology: bytes },
  ),
  forward: fields({ kind: only('forward'), ...request, placement: u32, operation }),
  forwarded: fc.oneof(
    fields(forwardedFields, forwardedOptions),
    fields({ ...forwardedFields, stamp0: u53, actor0: u32 }, forwardedOptions),
  ),
  'want-topology': fields({ kind: only('want-topology'), stamp: u53, epoch: u53 }),
  topology: fields({ kind: only('topology'), stamp: u53, document: bytes }),
  beat: fields({ kind: only('beat'), stamp: u53, epoch: u53, boot: u53, lagMs: u32 }),
  'scan-page': fields(
    {
      kind: only('scan-page'),
      ...request,
      placement: u32,
      bucket: u16,
      partition: u16,
      limit: fc.integer({ min: 1, max: 4096 }),
    },
    { after: bytes },
  ),
  'scanned-page': fields({
    kind: only('scanned-page'),
    ...reply,
    entries: fc.array(fields({ key: bytes, record: bytes }), { maxLength: 5 }),
    more: fc.boolean(),
  }),
  exchange: fields({ kind: only('exchange'), stamp: u53, body: bytes }),
};

export const anyMessage: fc.Arbitrary<PeerMessage> = fc.oneof(...Object.values(MESSAGES));
