import type { Effect, Identity, Json, JsonObject, JsonSchema, Problem } from '#libs/kernel';
import type { PortalAccounts } from '#libs/platform/access';
import type { OutgoingGuard } from '#libs/platform/outgoing';
import type { OfferedLink, OneTimeLink } from '#libs/platform/secrets';

/** The kinds of system that a connector speaks to. */
export type SystemKind = 'ldap' | 'smtp' | 'http' | 'manual' | 'portal';

/**
 * A customer's system as configured: `config` is what its kind needs (url, base DN …), `secretRef` names the credential
 * (`secret://directory-bind`), which only the activity resolves.
 */
export interface SystemConnection {
  readonly tenant: string;
  /** The name that a process uses: `directory`, `mail`, `hooks`. */
  readonly name: string;
  readonly kind: SystemKind;
  readonly config: JsonObject;
  readonly secretRef: string | null;
}

/** Secrets as a block may use them. Values never leave the activity. */
export interface BlockSecrets {
  /** The value behind a reference such as `secret://directory-bind`. Throws `SecretMissing`. */
  resolve(ref: string): Promise<string>;
  /** Says that the step’s system let us in with what `resolve` gave last: a later refusal is judged by it. Never throws. */
  signedIn(ref: string): Promise<void>;
  /**
   * The value sealed under this name for this step; `make` draws it on the first call only. A repeat of the step thus
   * writes the same value again, which is what makes a repeated password reset harmless.
   */
  sealOnce(name: string, make: () => string): Promise<string>;
  /** What another step of the same run sealed under this name; null when it sealed nothing. */
  sealedBy(stepId: string, name: string): Promise<string | null>;
}

/** One-time links as a block may use them: they bring a secret to a person, who has to open them before they expire. */
export interface BlockLinks {
  /** Puts a secret behind this step's link, valid from now on. A repeat gives the same link and makes it valid anew. */
  offer(link: { readonly token: string; readonly secret: string; readonly validHours: number }): Promise<OfferedLink>;
  find(id: string): Promise<OneTimeLink | null>;
  /** The link that a step made; null when it made none. */
  ofStep(step: StepName): Promise<OneTimeLink | null>;
  /** Takes a link back unless it was collected; gives how it stands then. */
  revoke(id: string): Promise<OneTimeLink | null>;
}

/** A step of a run of the same customer. */
export interface StepName {
  readonly runId: string;
  readonly stepId: string;
}

/** What a block gets besides its input: one step of one run against one system. */
export interface BlockContext {
  readonly tenant: string;
  readonly runId: string;
  readonly stepId: string;
  /** `<tenant>/<run>/<step>`: the same at every repeat; sent along where a system understands such a key. */
  readonly idempotencyKey: string;
  readonly system: SystemConnection;
  readonly secrets: BlockSecrets;
  readonly links: BlockLinks;
  /** The portal's accounts: ours, so that no system of the customer stands for them. */
  readonly portal: Pick<PortalAccounts, 'find' | 'close' | 'giveBack'>;
  /** The tenant's one way out: every connection that a block opens goes through it. */
  readonly outgoing: OutgoingGuard;
  /** The step that this one takes back; absent or null where it does not. */
  readonly takesBack?: StepName | null;
  /** The identity that was approved; null while planning for the first time. */
  readonly expectedIdentity: string | null;
  /** The approved effect, once there is one: what a plan had to look up (a colleague's groups) is not looked up again. */
  readonly approved?: Effect | null;
  /** The before-image on record when this step wrote (or may have written) before; absent or null until then. */
  readonly beforeImage?: Effect | null;
  /** Aborted when the worker shuts down or the run is cancelled. */
  readonly signal: AbortSignal;
  /** Tells Temporal that the step is alive; call it between writes. */
  heartbeat(): void;
  /** An answer came. A step that tells neither this nor a heartbeat for a minute is cut off and done again. */
  progress?(): void;
  now(): Date;
}

/** What was read back after a write. `proven` is false when a field is not at its `after`. */
export interface Verification {
  readonly proven: boolean;
  /** What was observed, per changed field. Never a secret. */
  readonly observed: readonly { readonly target: string; readonly field: string; readonly value: Json }[];
  /** What proves it, for the history: the server that was read, its answer, its change time … */
  readonly evidence: JsonObject;
  /** What to tell when it is not proven and the block knows why, e.g. which recipients a mail server refused. */
  readonly problem?: Problem;
  /** The object that the step made, which had no identity when the before-image was taken. */
  readonly identity?: Identity | null;
}

/**
 * A building block: the seam between processes and systems. All four verbs may be called again at any time.
 *
 * - `plan` reads and says what would change; it writes nothing.
 * - `apply` writes exactly `effect.changes`, conditionally (a field that no longer has its `before` is not overwritten:
 *   throw `DriftDuringApply`). A repeat after a crash finds some fields at `after` already and goes on.
 *   What it returns (a receipt: the mail server's answer …) is committed and given to `verify`.
 * - `verify` reads back from the system that was written to.
 * - `undo` gives the effect that would bring back what `recorded` (the before-image) holds; `apply` then writes it, so
 *   that taking back is planned, approved, conditional and proven like any other step. Fields that others changed since
 *   are listed in `kept` unless `overwrite` names them (`fieldKey`). What cannot be taken back has `irreversible` set and
 *   no change.
 */
export interface Block<Input extends JsonObject = JsonObject> {
  /** `<kind>.<object>.<verb>`, e.g. `ldap.user.disable`. */
  readonly name: string;
  readonly title: { readonly en: string; readonly de: string };
  readonly kind: SystemKind;
  readonly inputSchema: JsonSchema;
  /** The shape of the `evidence` that `verify` gives. */
  readonly outputSchema: JsonSchema;
  /** What the system's credential must be allowed to do, in words. */
  readonly credentials: readonly string[];
  /** True where a reinstatement does the step anew, because what it did cannot be brought back (a password). */
  readonly renewable?: boolean;
  /** Why a repeat after a crash is harmless. */
  readonly repeatIsHarmless: string;
  plan(context: BlockContext, input: Input): Promise<Effect>;
  apply(context: BlockContext, input: Input, effect: Effect): Promise<JsonObject | void>;
  verify(context: BlockContext, input: Input, effect: Effect, receipt: JsonObject | null): Promise<Verification>;
  undo(context: BlockContext, input: Input, recorded: Effect, overwrite: readonly string[]): Promise<Effect>;
}

/** Gives a block its static type while checking it against the contract. */
export function defineBlock<Input extends JsonObject>(block: Block<Input>): Block<Input> {
  return block;
}
