export * from './ldap-config.js';
export * from './ldap-errors.js';
export { ldapUserAddToGroups } from './ldap-user-add-to-groups.block.js';
export { ldapUserDelete } from './ldap-user-delete.block.js';
export { ldapUserDisable } from './ldap-user-disable.block.js';
export { ldapUserMove } from './ldap-user-move.block.js';
export { ldapUserRemoveFromGroups } from './ldap-user-remove-from-groups.block.js';
export { ldapUserResetPassword } from './ldap-user-reset-password.block.js';
export { ldapUserSetAttributes } from './ldap-user-set-attributes.block.js';
