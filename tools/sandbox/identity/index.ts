/** The demo's issuers; an entry of its own, because few need the provider behind it. */
export { startIdentity, type Identity, type IdentityOptions } from './identity.js';
export { demoIssuers, type DemoPerson } from './identity-people.js';
export { demoPassword } from './issuer.js';
export { API_AUDIENCE, TWO_FACTORS } from './issuer-settings.js';
export { Browser, type BrowserAnswer, type BrowserCall } from './browser.js';
