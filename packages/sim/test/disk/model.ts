/**
 * The plain model of a disk that crashes: for each file what every byte and the length may be, for each name which file
 * it may lead to. It knows nothing of sectors: a byte is what was synced, or anything put there since.
 */
export class DiskModel {
  /** What each name may lead to after a crash, the present one last. Nothing recorded: no file. */
  readonly #names: Map<string, Candidate[]> = new Map();

  creating(name: string): void {
    this.#point(name, new FileModel(), [directoryOf(name)]);
  }

  removing(name: string): void {
    this.#point(name, undefined, [directoryOf(name)]);
  }

  renaming(from: string, to: string): void {
    const file = this.#file(from);
    const parents = [directoryOf(from), directoryOf(to)];
    this.#point(from, undefined, parents);
    this.#point(to, file, parents);
  }

  linking(from: string, to: string): void {
    this.#point(to, this.#file(from), [directoryOf(to)]);
  }

  /** Whether both names lead to one file. */
  areOne(name: string, other: string): boolean {
    const file = this.#names.get(name)?.at(-1)?.file;
    return file !== undefined && file === this.#names.get(other)?.at(-1)?.file;
  }

  directorySynced(directory: string): void {
    for (const candidates of this.#names.values()) {
      for (const { waitsFor } of candidates) waitsFor.delete(directory);
      const durable = candidates.findLastIndex(({ waitsFor }) => waitsFor.size === 0);
      candidates.splice(0, Math.max(0, durable));
    }
  }

  writing(name: string, position: number, length: number, value: number): void {
    this.#file(name).write(position, length, value);
  }

  truncating(name: string, size: number): void {
    this.#file(name).truncate(size);
  }

  synced(name: string): void {
    this.#file(name).sync();
  }

  /** Why the file found there cannot be, if it cannot. */
  complaint(name: string, found: Uint8Array | undefined): string | undefined {
    const candidates = this.#names.get(name) ?? [NOTHING];
    const complaints = candidates.map(({ file }) => {
      if (file === undefined) return found === undefined ? undefined : 'a file where none was';
      return found === undefined ? 'the name is gone' : file.complaint(found);
    });
    return complaints.includes(undefined) ? undefined : complaints.join('; ');
  }

  #file(name: string): FileModel {
    const file = this.#names.get(name)?.at(-1)?.file;
    if (file === undefined) throw new Error(`the model has no ${name}`);
    return file;
  }

  #point(name: string, file: FileModel | undefined, parents: readonly string[]): void {
    const candidates = this.#names.get(name) ?? [NOTHING];
    candidates.push({ file, waitsFor: new Set(parents) });
    this.#names.set(name, candidates);
  }
}

interface Candidate {
  readonly file: FileModel | undefined;
  /** The directories to be synced before it is the only one left. */
  readonly waitsFor: Set<string>;
}

const NOTHING: Candidate = { file: undefined, waitsFor: new Set() };

class FileModel {
  /** For each byte: what was synced, and everything written there since, the present value last. */
  readonly #bytes: number[][] = [];
  #size = 0;
  readonly #sizes: Set<number> = new Set([0]);

  write(position: number, length: number, value: number): void {
    for (let i = this.#bytes.length; i < position + length; i++) this.#bytes.push([0]);
    for (let i = position; i < position + length; i++) this.#bytes[i]?.push(value);
    // A crash in the middle may leave any length on the way.
    const reached = Math.max(this.#size, position + length);
    for (let size = this.#size; size <= reached; size++) this.#sizes.add(size);
    this.#size = reached;
  }

  truncate(size: number): void {
    for (let i = this.#bytes.length; i < size; i++) this.#bytes.push([0]);
    for (let i = Math.min(size, this.#size); i < this.#bytes.length; i++) this.#bytes[i]?.push(0);
    this.#size = size;
    this.#sizes.add(size);
  }

  sync(): void {
    for (const values of this.#bytes) values.splice(0, values.length - 1);
    for (let i = this.#size; i < this.#bytes.length; i++) this.#bytes[i] = [0];
    this.#sizes.clear();
    this.#sizes.add(this.#size);
  }

  complaint(found: Uint8Array): string | undefined {
    if (!this.#sizes.has(found.length)) return `length ${found.length} is none of ${[...this.#sizes].join(' ')}`;
    const at = found.findIndex((byte, i) => !(this.#bytes[i] ?? [0]).includes(byte));
    return at < 0 ? undefined : `byte ${at} is ${found[at]}, not one of ${this.#bytes[at]?.join(' ')}`;
  }
}

function directoryOf(name: string): string {
  return name.startsWith('d/') ? 'd' : '';
}
