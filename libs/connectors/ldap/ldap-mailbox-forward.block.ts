import { directoryBlock } from './ldap-controllers.js';
import { mailboxInput, planMailbox } from './ldap-mailbox.js';
import { ASCII_MAIL_ADDRESS } from './ldap-person.js';
import { textAttributes } from './ldap-text-attributes.js';
import { applyUserFields, readBackSchema, undoUserFields, verifyUserFields } from './ldap-user-fields.js';

type ForwardInput = {
  readonly user: string;
  /** The address that gets the mail. */
  readonly to: string;
  /** Whether the mail stays in the mailbox as well; left out: as the mail server has it. */
  readonly keepCopy?: boolean;
};

/** Forwards a user's mail to somebody else; the undo brings back what was set before. */
export const ldapMailboxForward = directoryBlock<ForwardInput>({
  name: 'ldap.mailbox.forward',
  title: { en: 'Forward mail', de: 'E-Mail weiterleiten' },
  kind: 'ldap',
  inputSchema: mailboxInput(['to'], {
    to: { type: 'string', maxLength: 256, pattern: ASCII_MAIL_ADDRESS },
    keepCopy: { type: 'boolean' },
  }),
  outputSchema: readBackSchema,
  credentials: ['read users and their identity attribute', 'write the attributes that forward mail'],
  repeatIsHarmless: 'The address is set over the values that were read and only if it is not set yet.',
  plan: (context, { user, to, keepCopy }) =>
    planMailbox(context, user, [
      ['mailForwardingAttribute', [to]],
      // booleans as LDAP writes them (RFC 4517, 3.3.3)
      ...(keepCopy === undefined ? [] : [['mailKeepCopyAttribute', [keepCopy ? 'TRUE' : 'FALSE']] as const]),
    ]),
  apply: (context, { user }, effect) => applyUserFields(context, user, effect, textAttributes),
  verify: (context, _input, effect) => verifyUserFields(context, effect, textAttributes),
  undo: (context, _input, recorded, overwrite) => undoUserFields(context, recorded, overwrite, textAttributes),
});
