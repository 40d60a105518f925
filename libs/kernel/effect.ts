import type { Json } from './json.js';

/**
 * What one step does to one field of one object of a customer's system. `before` and `after` are shown to the approver
 * and bind the approval; they never hold a secret.
 */
export interface FieldChange {
  /** The object as its system names it today, e.g. a DN. For the reader; the identity is what binds. */
  readonly target: string;
  /** The field: an attribute's name, `member`, `dn`, `password`, `mail` … */
  readonly field: string;
  readonly before: Json;
  readonly after: Json;
  /**
   * True where the present value cannot be read or compared (a password, a sent mail): it is applied once, is no drift,
   * and has no before-image.
   */
  readonly opaque?: boolean;
}

/** The object that a step touches, by an id that survives renames and moves (LDAP: `entryUUID` or `objectGUID`). */
export interface Identity {
  readonly id: string;
  /** Its name when this was read, e.g. its DN. */
  readonly name: string;
}

/** A remark for whoever approves, with a stable code, e.g. the stand-in for a group's last member. */
export interface EffectNote {
  readonly code: string;
  readonly text: string;
}

/** A field that an undo leaves alone because somebody else changed it after the run. */
export interface KeptField {
  readonly target: string;
  readonly field: string;
  /** What the run found, what it wrote, and what stands there now. */
  readonly recordedBefore: Json;
  readonly recordedAfter: Json;
  readonly current: Json;
}

/** What a step would change, or has changed. An empty list of changes means: already in the desired state. */
export interface Effect {
  readonly identity: Identity | null;
  readonly changes: readonly FieldChange[];
  /** Why this cannot be taken back, or null when it can. */
  readonly irreversible: string | null;
  readonly notes: readonly EffectNote[];
  readonly kept: readonly KeptField[];
}

/**
 * Names a change within a step: two changes are of the same field when this is equal. A change of the identified object
 * itself is named `.` instead of by its present name, because that name (a DN) may change without the object changing.
 */
export function fieldKey(change: Pick<FieldChange, 'target' | 'field'>, identity: Identity | null): string {
  const target = change.target.toLowerCase();
  return `${target === identity?.name.toLowerCase() ? '.' : target}#${change.field.toLowerCase()}`;
}
