import { sameJson, type Effect, type FieldChange, type JsonObject, type JsonSchema } from '#libs/kernel';
import type { BlockContext, Verification } from '../block.js';
import { keepsChanging } from '../field-changes.js';
import { canSignIn, type DirectorySession } from './ldap-connection.js';
import { PasswordRefused } from './ldap-errors.js';
import { expectedIdentity, locateUser, requireById } from './ldap-user.js';
import { readBackEvidence, readBackSchema } from './ldap-user-fields.js';
import { newPassword } from './new-password.js';

/** The field of a change that gives a password. */
export const PASSWORD = 'password';
/** The name under which a step seals the password that it draws: whoever hands it over finds it there. */
export const SEALED_PASSWORD = 'new-password';

const WRITE_ATTEMPTS = 5;

/** What a password's change looks like in an effect: it can be neither read nor compared. */
export const PASSWORD_VALUES = { before: null, after: 'new password (sealed)', opaque: true } as const;

/** The schema of what proves a password. */
export const passwordProofSchema: JsonSchema = {
  ...readBackSchema,
  properties: { ...(readBackSchema['properties'] as JsonObject), passwordChangedAt: { type: ['string', 'null'] } },
};

/**
 * Writes the step's password, drawn on the first call and the same at every repeat. The lock of a locked account stays.
 * Gives the receipt: when the server says that the password changed. Throws `PasswordRefused`.
 */
export async function givePassword(
  context: BlockContext,
  directory: DirectorySession,
  login: string,
  effect: Effect,
): Promise<JsonObject | void> {
  const change = effect.changes.find(({ field }) => field === PASSWORD);
  if (!change) return;
  await locateUser(directory, login, expectedIdentity(context, effect));
  const password = await sealedPassword(context);
  await write(directory, effect, change, password);
  context.heartbeat();
  const user = await requireById(directory, effect);
  return { passwordChangedAt: directory.dialect.passwordChangedAt(user), writtenAt: context.now().toISOString() };
}

async function write(
  directory: DirectorySession,
  effect: Effect,
  change: FieldChange,
  password: string,
): Promise<void> {
  const { dialect } = directory;
  for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt += 1) {
    // Conditional on the entry as read: a lock set between reading and writing would be undone by the reset.
    const user = await requireById(directory, effect);
    try {
      const changes = dialect.passwordChanges(user, password);
      if (await directory.modify(dialect.addressOf(user), changes, 'password', password)) return;
    } catch (error) {
      // Only the password of an earlier attempt can be the present one: it is random and was sealed for this step.
      if (error instanceof PasswordRefused && dialect.saysSamePassword(String(error.context?.['said']))) return;
      throw error;
    }
  }
  throw keepsChanging(change);
}

/**
 * A sign-in with the new password proves it. Where the account is locked no sign-in is possible; then the time of the
 * password's change must be the one that was read right after our write, and also where an old password goes on working.
 */
export async function provePassword(
  context: BlockContext,
  directory: DirectorySession,
  effect: Effect,
  receipt: JsonObject | null,
): Promise<Pick<Verification, 'proven' | 'evidence'>> {
  const { dialect, config } = directory;
  const user = await requireById(directory, effect);
  const passwordChangedAt = dialect.passwordChangedAt(user);
  const locked = sameJson(dialect.disabledState(user), dialect.disabledValue);
  const signedIn = locked ? null : await canSignIn(context, config, user.dn, await sealedPassword(context));
  const recorded = receipt?.['passwordChangedAt'] ?? null;
  const isLast = passwordChangedAt !== null && passwordChangedAt === recorded;
  const mayBeOld = dialect.oldPasswordLingers && recorded !== null && !isLast;
  const proven = signedIn === null ? isLast : signedIn && !mayBeOld;
  const why = locked ? 'the account is locked' : 'the directory lets the user in by other ways only';
  const by = signedIn === null ? `time of the password’s change (${why})` : 'sign-in with the new password';
  return { proven, evidence: { ...readBackEvidence(context, directory, user), by, passwordChangedAt } };
}

/** What a password's change shows when it is read back. */
export function observedPassword({ target, field, after }: FieldChange, proven: boolean) {
  return { target, field, value: proven ? after : 'another password' };
}

/** The password that apply has sealed. If it never did, this one is new, no sign-in succeeds with it, and that is the truth. */
function sealedPassword(context: BlockContext): Promise<string> {
  return context.secrets.sealOnce(SEALED_PASSWORD, newPassword);
}
