import type { JsonSchema } from '#libs/kernel';
import type { BlockContext } from '../block.js';
import { effectOf } from '../field-changes.js';
import type { LdapConfig } from './ldap-config.js';
import { withDirectory } from './ldap-connection.js';
import { AttributeNotConfigured } from './ldap-errors.js';
import { attributeChange } from './ldap-text-attributes.js';
import { identityOf, locateUser } from './ldap-user.js';
import { userSchema } from './ldap-user-fields.js';

/** The settings that name where a directory keeps what a mail server reads from it. */
type MailboxSetting = 'mailForwardingAttribute' | 'mailKeepCopyAttribute' | 'outOfOfficeAttribute';

/** What a mailbox's attributes are to hold, by the setting that names each. */
export type MailboxValues = readonly (readonly [MailboxSetting, readonly string[]])[];

/**
 * What a grant of somebody's mail or data says of itself: the approval binds to it, and nothing is written of it. Only a
 * grant has it.
 */
export const grantProperties: { readonly [name: string]: JsonSchema } = {
  purpose: { type: 'string', minLength: 1, maxLength: 500 },
  approver: { type: 'string', minLength: 1, maxLength: 256 },
  until: { type: 'string', format: 'date-time' },
};

/** The schema of the input of a block for a user's mailbox. */
export function mailboxInput(
  required: readonly string[],
  properties: { readonly [name: string]: JsonSchema },
): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['user', ...required],
    properties: { user: userSchema, ...properties, ...grantProperties },
  };
}

/** Plans what a user's mailbox is to be like. Throws `AttributeNotConfigured`. */
export function planMailbox(context: BlockContext, login: string, values: MailboxValues) {
  return withDirectory(context, async (directory) => {
    const wanted = values.map(([setting, texts]) => [attributeBehind(directory.config, setting), texts] as const);
    const attributes = wanted.map(([attribute]) => attribute);
    const user = await locateUser(directory, login, context.expectedIdentity, attributes);
    const changes = wanted.map(([attribute, texts]) => attributeChange(user, attribute, texts));
    return effectOf(identityOf(directory, user), changes);
  });
}

function attributeBehind(config: LdapConfig, setting: MailboxSetting): string {
  const attribute = config[setting];
  if (attribute !== null) return attribute;
  throw new AttributeNotConfigured(`Set ${setting} in the configuration of the directory, or leave the step out.`, {
    context: { setting },
  });
}
