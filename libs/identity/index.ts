export * from './model/index.js';
export * from './service/alarms.js';
export * from './service/acceptance.js';
export * from './service/back-channel-logout.js';
export * from './service/claims-reading.js';
export * from './service/closing.js';
export * from './service/invitations.js';
export * from './service/issuers.js';
export * from './service/machines.js';
export * from './service/person-identities.js';
export * from './service/passkey-ceremonies.js';
export * from './service/passkey-sign-in.js';
export * from './service/providers.js';
export { isCookieToken, newCookieToken, hashOfCookieToken } from './service/session-token.js';
export * from './service/sessions.js';
export * from './service/sign-in.js';
export * from './service/sign-in-secrets.js';
export * from './service/token-callers.js';
export { findAlarm, listAlarms, noteTold, ownersOfAlarm, type Alarm, type AlarmedOwner } from './store/alarm.store.js';
export { identitiesOf, type PersonIdentity } from './store/identity.store.js';
export * from './store/invitation.store.js';
export * from './store/machine.store.js';
export {
  findPerson,
  findPersonOfSubject,
  standingOf,
  type ShownPerson,
  type TenantStanding,
} from './store/person.store.js';
export * from './store/passkey.store.js';
export * from './store/provider.store.js';
export * from './store/session.store.js';
