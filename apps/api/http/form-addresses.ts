import { MAILED_LINK_ADDRESS } from './secret-addresses.js';

/** Where an issuer says that it ended a session of its own. */
export const BACK_CHANNEL_ADDRESS = '/v1/sign-in/back-channel-logout';

/** Where a sign-in begins, by a button as well. */
export const SIGN_IN_ADDRESS = '/v1/sign-in';

/** Addresses that take a form; all others take JSON. */
export const FORM_ADDRESSES: readonly (string | undefined)[] = [
  MAILED_LINK_ADDRESS,
  BACK_CHANNEL_ADDRESS,
  SIGN_IN_ADDRESS,
];
