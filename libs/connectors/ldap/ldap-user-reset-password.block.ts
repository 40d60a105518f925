import { sameJson, type Effect, type FieldChange, type JsonObject } from '#libs/kernel';
import { defineBlock, type BlockContext, type Verification } from '../block.js';
import { effectOf, keepsChanging } from '../field-changes.js';
import { canSignIn, withDirectory, type DirectorySession } from './ldap-connection.js';
import { PasswordRefused } from './ldap-errors.js';
import { expectedIdentity, identityOf, locateUser, requireById, userChange } from './ldap-user.js';
import { readBackEvidence, readBackSchema, userSchema } from './ldap-user-fields.js';
import { newPassword } from './new-password.js';

type ResetInput = { readonly user: string };

const FIELD = 'password';
const WRITE_ATTEMPTS = 5;
const IRREVERSIBLE = 'The old password cannot be read, so it cannot be brought back. The user needs a new one.';

/** Gives a user a new random password, known to nobody but the sealed store. The lock of a locked account stays. */
export const ldapUserResetPassword = defineBlock<ResetInput>({
  name: 'ldap.user.reset-password',
  title: { en: 'Reset password', de: 'Kennwort zurücksetzen' },
  kind: 'ldap',
  inputSchema: { type: 'object', additionalProperties: false, required: ['user'], properties: { user: userSchema } },
  outputSchema: {
    ...readBackSchema,
    properties: { ...(readBackSchema['properties'] as JsonObject), passwordChangedAt: { type: ['string', 'null'] } },
  },
  credentials: ['read users, their identity attribute and the time of their password’s change', 'write passwords'],
  repeatIsHarmless: 'The new password is sealed before it is written: a repeat writes the same one again.',
  plan: (context, { user: login }) =>
    withDirectory(context, async (directory) => {
      const user = await locateUser(directory, login, context.expectedIdentity);
      const values = { before: null, after: 'new password (sealed)', opaque: true };
      return effectOf(identityOf(directory, user), [userChange(user, FIELD, values)], { irreversible: IRREVERSIBLE });
    }),
  apply: (context, { user }, effect) => withDirectory(context, (directory) => reset(context, directory, user, effect)),
  verify: (context, _input, effect, receipt) =>
    withDirectory(context, (directory) => prove(context, directory, effect, receipt)),
  undo: (_context, _input, recorded) =>
    Promise.resolve(effectOf(recorded.identity, [], { irreversible: IRREVERSIBLE })),
});

async function reset(
  context: BlockContext,
  directory: DirectorySession,
  login: string,
  effect: Effect,
): Promise<JsonObject | void> {
  const [change] = effect.changes;
  if (!change) return;
  await locateUser(directory, login, expectedIdentity(context, effect));
  const password = await context.secrets.sealOnce('new-password', newPassword);
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
 * password's change must be the one that was read right after our write.
 */
async function prove(
  context: BlockContext,
  directory: DirectorySession,
  effect: Effect,
  receipt: JsonObject | null,
): Promise<Verification> {
  const { dialect, config } = directory;
  const user = await requireById(directory, effect);
  const passwordChangedAt = dialect.passwordChangedAt(user);
  const locked = sameJson(dialect.disabledState(user), dialect.disabledValue);
  const proven = locked
    ? passwordChangedAt !== null && passwordChangedAt === (receipt?.['passwordChangedAt'] ?? null)
    : await canSignIn(config, user.dn, await sealedPassword(context));
  const by = locked ? 'time of the password’s change (the account is locked)' : 'sign-in with the new password';
  const evidence = { ...readBackEvidence(context, directory, user), by, passwordChangedAt };
  const observed = effect.changes.map(({ target, field, after }) => ({
    target,
    field,
    value: proven ? after : 'another password',
  }));
  return { proven, observed, evidence };
}

/** The password that apply has sealed. If it never did, this one is new, no sign-in succeeds with it, and that is the truth. */
function sealedPassword(context: BlockContext): Promise<string> {
  return context.secrets.sealOnce('new-password', newPassword);
}
