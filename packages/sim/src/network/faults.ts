/**
 * What lies on the paths of a network: cuts and slownesses, each an object that can be taken away by itself, so that
 * faults which overlap do not heal each other.
 */
import type { Cut, CutKind, Host, Path, Slowness } from './path.ts';

/** A fault that lasts. `heal` after the heal, or twice, does nothing. */
export interface LastingFault {
  readonly heal: () => void;
}

export interface FaultWorld {
  host(name: string): Host;
  path(from: Host, to: Host): Path;
  tell(text: () => string): void;
  /** The way has changed: what was lost is sent again, and the ends look around. */
  changed(paths: readonly Path[]): void;
}

export class NetworkFaults {
  readonly #world: FaultWorld;
  readonly #lasting: Set<LastingFault> = new Set();

  constructor(world: FaultWorld) {
    this.#world = world;
  }

  cutOneWay(from: readonly string[], to: readonly string[], kind: CutKind): LastingFault {
    const cut: Cut = { kind };
    return this.#last(
      () => `cut (${kind}) ${from.join(' ')} > ${to.join(' ')}`,
      this.#paths(from, to),
      (path) => path.cuts,
      cut,
    );
  }

  cut(one: readonly string[], other: readonly string[], kind: CutKind): LastingFault {
    const cut: Cut = { kind };
    return this.#last(
      () => `cut (${kind}) ${one.join(' ')} <> ${other.join(' ')}`,
      [...this.#paths(one, other), ...this.#paths(other, one)],
      (path) => path.cuts,
      cut,
    );
  }

  slow(one: readonly string[], other: readonly string[], slowness: Partial<Slowness>): LastingFault {
    const slowed: Slowness = { latencyFactor: 1, bandwidthFactor: 1, ...slowness };
    return this.#last(
      () => `slow ${one.join(' ')} <> ${other.join(' ')}`,
      [...this.#paths(one, other), ...this.#paths(other, one)],
      (path) => path.slowed,
      slowed,
    );
  }

  heal(): void {
    for (const fault of this.#lasting) fault.heal();
  }

  /** Paths from a host to itself are never touched: no packet leaves the machine. */
  #paths(from: readonly string[], to: readonly string[]): Path[] {
    const world = this.#world;
    return from.flatMap((name) =>
      to.filter((other) => other !== name).map((other) => world.path(world.host(name), world.host(other))),
    );
  }

  /** Lays the same object on each path, until it is healed. */
  #last<T>(text: () => string, paths: readonly Path[], layer: (path: Path) => Set<T>, laid: T): LastingFault {
    const world = this.#world;
    world.tell(text);
    for (const path of paths) layer(path).add(laid);
    const fault: LastingFault = {
      heal: () => {
        if (!this.#lasting.delete(fault)) return;
        world.tell(() => `heal ${text()}`);
        for (const path of paths) layer(path).delete(laid);
        world.changed(paths);
      },
    };
    this.#lasting.add(fault);
    world.changed(paths);
    return fault;
  }
}
