import type { Capability, Effects, Json, SubjectRef } from '@northstar/sdk';
import type { Parse, Parsed } from '@northstar/sdk/bind';
import { sha256OfJson } from '../spine/digest.ts';
import type { Permit } from './permit.ts';
import { ENDLESS, type ScopeLifetime, type Stay } from './scope-lifetime.ts';

/** Checks arguments, here or in the isolate that has the muscle's models. */
export type ParseInput = (value: unknown) => Parsed | Promise<Parsed>;

/** What callers and policy may see of something that can be invoked. */
export interface GuardedFacts {
  /** `<namespace>.<operation>`; the policy action. */
  readonly name: string;
  /** The muscle's id. */
  readonly toolId: string;
  readonly kind: 'tool' | 'resource' | 'prompt' | 'listing' | 'completion';
  /** The handler is a generator, which answers in pieces. */
  readonly inPieces?: boolean;
  /** A call answers with a job, in which the handler then runs. */
  readonly job?: boolean;
  /** The job scope whose jobs this one tells about or stops. */
  readonly jobsOf?: string;
  readonly effects: Effects;
  readonly timeoutMs: number;
  readonly subject?: SubjectRef;
  /** What the muscle's spec requires: the handler's context carries these and no others. */
  readonly requires: readonly Capability[];
  readonly parseInput: ParseInput;
  /** Says that checked arguments are used up or not wanted; an isolate keeps them until then. */
  readonly releaseInput?: (checked: unknown) => void;
  readonly parseOutput?: Parse;
  /** What the tool promises its callers; its digest goes into every audit record. */
  readonly promise: Json;
}

type RawHandler = (ctx: never, args: never) => unknown;

let seal: (facts: GuardedFacts, handler: RawHandler, lifetime: ScopeLifetime) => GuardedScope;

/**
 * A scope that cannot be run without policy: the raw handler sits in a `#private` field, and `run` wants a Permit.
 * The private constructor makes the type nominal, so an object literal with the same fields does not type-check.
 */
export class GuardedScope {
  readonly facts: GuardedFacts;
  /** SHA-256 of the promise, hex. */
  readonly digest: string;
  readonly #lifetime: ScopeLifetime;
  readonly #handler: RawHandler;

  private constructor(facts: GuardedFacts, handler: RawHandler, lifetime: ScopeLifetime) {
    this.facts = Object.freeze({ ...facts });
    this.digest = sha256OfJson(facts.promise);
    this.#lifetime = lifetime;
    this.#handler = handler;
  }

  static {
    seal = (facts, handler, lifetime) => new GuardedScope(facts, handler, lifetime);
  }

  /** Counts a call in, so that the code behind the scope stays until it is over. Throws when that code is gone. */
  enter(): Stay {
    return this.#lifetime.enter();
  }

  /** Runs the handler once for this permit. */
  async run(permit: Permit, ctx: object, args: unknown): Promise<unknown> {
    permit.redeem(this.facts.name);
    return this.#handler(ctx as never, args as never);
  }
}

/** For the activator alone; the architecture test refuses any other importer. */
export function sealScope(facts: GuardedFacts, handler: RawHandler, lifetime = ENDLESS): GuardedScope {
  const sealed = seal(facts, handler, lifetime);
  // A statement of its own: `return Object.freeze(seal(…))` would lose the nominal type.
  Object.freeze(sealed);
  return sealed;
}
