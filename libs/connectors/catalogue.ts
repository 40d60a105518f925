import type { JsonObject } from '#libs/kernel';
import type { Block } from './block.js';
import { BlockInputInvalid } from './errors.js';
import { passwordHandOver } from './hand-over/index.js';
import { httpCall } from './http/index.js';
import { schemaProblems } from './json-schema.js';
import * as ldap from './ldap/index.js';
import { manualTask } from './people/index.js';
import { portalAccountClose } from './portal/index.js';
import { mailSend } from './smtp/index.js';

const all: readonly Block[] = [
  ldap.ldapUserCreate,
  ldap.ldapUserSetFirstPassword,
  ldap.ldapUserEnable,
  ldap.ldapUserDisable,
  ldap.ldapUserResetPassword,
  ldap.ldapUserRemoveFromGroups,
  ldap.ldapUserAddToGroups,
  ldap.ldapUserSetGroups,
  ldap.ldapUserSetAttributes,
  ldap.ldapUserMove,
  ldap.ldapMailboxForward,
  ldap.ldapMailboxOutOfOffice,
  ldap.ldapUserGrantAccess,
  ldap.ldapUserDelete,
  mailSend,
  passwordHandOver,
  httpCall,
  manualTask,
  portalAccountClose,
];

/** Every building block of this version, by name. */
export const blocks: ReadonlyMap<string, Block> = new Map(all.map((block) => [block.name, block]));

/** Checks an input against a block's schema. Throws `BlockInputInvalid` with every field at fault. */
export function validateInput(block: Block, input: JsonObject): void {
  const errors = schemaProblems(block.inputSchema, input);
  if (errors.length > 0) throw new BlockInputInvalid(`Mend the input of ${block.name}.`, { errors });
}
