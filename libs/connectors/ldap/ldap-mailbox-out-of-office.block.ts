import { directoryBlock } from './ldap-controllers.js';
import { mailboxInput, planMailbox } from './ldap-mailbox.js';
import { textAttributes } from './ldap-text-attributes.js';
import { applyUserFields, readBackSchema, undoUserFields, verifyUserFields } from './ldap-user-fields.js';

type OutOfOfficeInput = { readonly user: string; readonly text: string };

/** Answers a user's mail with a text; the undo brings back what was set before. */
export const ldapMailboxOutOfOffice = directoryBlock<OutOfOfficeInput>({
  name: 'ldap.mailbox.out-of-office',
  title: { en: 'Set an out-of-office message', de: 'Abwesenheitsnachricht setzen' },
  kind: 'ldap',
  inputSchema: mailboxInput(['text'], { text: { type: 'string', minLength: 1, maxLength: 8192 } }),
  outputSchema: readBackSchema,
  credentials: ['read users and their identity attribute', 'write the attribute that holds the message'],
  repeatIsHarmless: 'The message is set over the one that was read and only if it is not the wanted one.',
  plan: (context, { user, text }) => planMailbox(context, user, [['outOfOfficeAttribute', [text]]]),
  apply: (context, { user }, effect) => applyUserFields(context, user, effect, textAttributes),
  verify: (context, _input, effect) => verifyUserFields(context, effect, textAttributes),
  undo: (context, _input, recorded, overwrite) => undoUserFields(context, recorded, overwrite, textAttributes),
});
