import {
  fieldKey,
  sameJson,
  type Effect,
  type FieldChange,
  type Identity,
  type Json,
  type KeptField,
} from '#libs/kernel';
import type { BlockContext, Verification } from './block.js';
import { DriftDuringApply, SystemUnreachable } from './errors.js';

/** A field as the system has it: how to read it and how to write it under the condition that it did not change. */
export interface FieldAccess {
  read(change: FieldChange): Promise<Json>;
  /** Brings the field from `change.before` to `change.after`; false when it was no longer at `before`. */
  write(change: FieldChange): Promise<boolean>;
}

/** Somebody who writes all the time must not keep a worker busy for ever. */
const WRITE_ATTEMPTS = 5;

/** An effect from what is found and what is wanted: fields that are there already are left out. */
export function effectOf(
  identity: Identity | null,
  changes: readonly FieldChange[],
  more: Partial<Effect> = {},
): Effect {
  return {
    identity,
    changes: changes.filter((change) => change.opaque === true || !sameJson(change.before, change.after)),
    irreversible: null,
    notes: [],
    kept: [],
    ...more,
  };
}

/**
 * Writes changes one after the other, each only over its `before`. What is at its `after` already, from an earlier
 * attempt or by somebody else, is left alone. Throws `DriftDuringApply` when a field holds something else.
 */
export async function applyFields(
  context: BlockContext,
  changes: readonly FieldChange[],
  access: FieldAccess,
): Promise<void> {
  for (const change of changes) {
    context.signal.throwIfAborted();
    await settle(change, access);
    context.heartbeat();
  }
}

async function settle(change: FieldChange, access: FieldAccess): Promise<void> {
  for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt += 1) {
    const current = await access.read(change);
    if (sameJson(current, change.after)) return;
    refuseDrift(change, current);
    if (await access.write(change)) return;
  }
  throw keepsChanging(change);
}

/** Throws `DriftDuringApply` unless the field is at the change's `before`. */
export function refuseDrift({ target, field, before }: FieldChange, current: Json): void {
  if (sameJson(current, before)) return;
  const context = { target, field, expected: before, found: current };
  throw new DriftDuringApply(`${field} of ${target} was changed by somebody else. Nothing was overwritten.`, {
    context,
  });
}

/** The error of a write that met another state each time. */
export function keepsChanging({ target, field }: Pick<FieldChange, 'target' | 'field'>): SystemUnreachable {
  return new SystemUnreachable(`${target} is being changed all the time. It is tried again.`, {
    context: { target, field },
  });
}

/** Reads every changed field back. */
export async function verifyFields(
  changes: readonly FieldChange[],
  read: FieldAccess['read'],
): Promise<Pick<Verification, 'proven' | 'observed'>> {
  const observed = [];
  let proven = true;
  for (const change of changes) {
    const value = await read(change);
    observed.push({ target: change.target, field: change.field, value });
    proven &&= sameJson(value, change.after);
  }
  return { proven, observed };
}

/** What an undo would write and what it leaves alone. */
export interface UndoChanges {
  readonly changes: readonly FieldChange[];
  readonly kept: readonly KeptField[];
}

/**
 * Compares what a run recorded with what is there: a field at the recorded `after` goes back to the recorded `before`; a
 * field at the recorded `before` needs nothing; any other was changed by somebody else and is kept, unless `overwrite`
 * names its key. Opaque fields have nothing to go back to.
 */
export async function undoFields(
  recorded: Effect,
  overwrite: readonly string[],
  read: FieldAccess['read'],
): Promise<UndoChanges> {
  const changes: FieldChange[] = [];
  const kept: KeptField[] = [];
  for (const change of recorded.changes) {
    if (change.opaque === true) continue;
    const { target, field, before, after } = change;
    const current = await read(change);
    if (sameJson(current, before)) continue;
    const isOurs = sameJson(current, after) || overwrite.includes(fieldKey(change, recorded.identity));
    if (isOurs) changes.push({ target, field, before: current, after: before });
    else kept.push({ target, field, recordedBefore: before, recordedAfter: after, current });
  }
  return { changes, kept };
}
