/**
 * Recovery of the manifest: the contents that the highest-numbered one comes to. Nothing is written here: what was
 * recovered stands in a fresh manifest before anybody rests on it (`manifest.ts`).
 *
 * Damage is an error: an older manifest may name tables that are gone, and may not name those that took their place. A
 * salvage falls back to the newest one whose snapshot is whole, goes on behind damaged frames, and says so as gaps.
 */
import { DamageError } from '@torc/base/errors';
import { FILE_HEADER_BYTES } from '../commit-log/frame.ts';
import type { FilePorts } from '../commit-log/log-file.ts';
import { manifestName, manifestNumbers } from '../commit-log/names.ts';
import type { DamagePolicy, Gap } from '../commit-log/salvage.ts';
import { applyEdit, emptyContents, fittingEdit } from './contents.ts';
import type { DecodedEdit, HashKeys } from './edit-codec.ts';
import type { ManifestContents } from './edit.ts';
import { ManifestScan, type FramePlace } from './manifest-scan.ts';

export interface RecoveredManifest {
  readonly contents: ManifestContents;
  /** Those found, ascending; none in a fresh directory. */
  readonly numbers: readonly number[];
  /** Edits behind the snapshot. */
  readonly edits: number;
  /** Torn tail that a crash left and nobody was promised. */
  readonly cutBytes: number;
  /** Whether something was given up: then the old files are kept aside. */
  readonly salvaged: boolean;
}

export function recoverManifest(ports: FilePorts, policy: DamagePolicy): RecoveredManifest {
  const numbers = manifestNumbers(ports.disk.list(''));
  if (numbers.length === 0) {
    const secrets = ports.random.fork('hash keys');
    const contents = emptyContents({ hashKey0: secrets.uint32() | 0, hashKey1: secrets.uint32() | 0 });
    return { contents, numbers, edits: 0, cutBytes: 0, salvaged: false };
  }
  const gapsBefore = policy.gaps.length;
  let refusal: DamageError | undefined;
  for (const number of numbers.toReversed()) {
    try {
      const { contents, edits, cutBytes } = new ManifestReplay(ports, policy, number);
      return { contents, numbers, edits, cutBytes, salvaged: policy.gaps.length > gapsBefore };
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      refusal ??= error;
      const detail = `${error.message}; all of this manifest is given up`;
      policy.meet(error, gapOf(error, { toBytes: error.offset, firstBatch: 1, detail }));
      ports.probe.reached('manifest-given-up');
    }
  }
  throw refusal as DamageError;
}

/** One manifest, played from its snapshot to its end. What its snapshot lacks is thrown, a salvage or not. */
class ManifestReplay {
  contents: ManifestContents;
  edits = 0;
  cutBytes = 0;
  readonly #policy: DamagePolicy;
  readonly #scan: ManifestScan;
  /** An edit was lost: those behind it are applied as far as they fit. */
  #isLossy = false;

  constructor(ports: FilePorts, policy: DamagePolicy, number: number) {
    this.#policy = policy;
    const cutDamage = ports.probe.planted('damage-cut-as-tail');
    this.#scan = new ManifestScan(ports.disk, manifestName(number), cutDamage);
    const [snapshot, ...places] = this.#scan.places as [FramePlace, ...FramePlace[]];
    const decoded = this.#scan.decode(snapshot);
    this.contents = this.#applied(emptyContents(decoded.hashKeys as HashKeys), decoded, snapshot);
    for (const place of places) this.#play(place);
    if (this.#scan.damage === undefined) {
      this.cutBytes = this.#scan.tailBytes;
      if (this.cutBytes > 0) ports.probe.reached('manifest-tail-cut');
    } else {
      this.#goOnBehind(this.#scan.damage);
    }
  }

  #goOnBehind(damage: DamageError): void {
    const behind = this.#policy.salvage ? this.#scan.placesBehind() : [];
    const [next] = behind;
    const firstBatch = (this.#scan.places.at(-1)?.frame.batch ?? 0) + 1;
    const lastBatch = next === undefined ? {} : { lastBatch: next.frame.batch - 1 };
    const toBytes = next?.offset ?? this.#scan.fileBytes;
    this.#policy.meet(damage, gapOf(damage, { toBytes, firstBatch, ...lastBatch, detail: damage.message }));
    this.#isLossy = true;
    for (const place of behind) this.#play(place);
  }

  #play(place: FramePlace): void {
    try {
      this.contents = this.#applied(this.contents, this.#scan.decode(place), place);
      this.edits += 1;
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      const { batch } = place.frame;
      const facts = { toBytes: place.offset, firstBatch: batch, lastBatch: batch, detail: error.message };
      this.#policy.meet(error, gapOf(error, facts));
      this.#isLossy = true;
    }
  }

  #applied(contents: ManifestContents, { edit }: DecodedEdit, { offset }: FramePlace): ManifestContents {
    const fitting = this.#isLossy ? fittingEdit(contents, edit) : edit;
    return applyEdit(contents, fitting, (detail) => new DamageError(this.#scan.path, offset, detail));
  }
}

function gapOf(error: DamageError, facts: Omit<Gap, 'path' | 'fromBytes'>): Gap {
  const toBytes = Math.max(facts.toBytes, error.offset === 0 ? FILE_HEADER_BYTES : error.offset);
  return { path: error.path, fromBytes: error.offset, ...facts, toBytes };
}
