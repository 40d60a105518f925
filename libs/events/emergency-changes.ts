/** What can be changed about an emergency account, by a word: the one list of it; the database's is compared by a test. */
export const EMERGENCY_CHANGES = [
  'locked',
  'unlocked',
  'closed',
  'passkey_added',
  'passkey_removed',
  'passkey_renamed',
  'role_given',
  'role_ended',
] as const;

export type EmergencyChange = (typeof EMERGENCY_CHANGES)[number];
