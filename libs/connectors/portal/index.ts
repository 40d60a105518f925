export { portalAccountClose } from './portal-account-close.block.js';
export { PORTAL, portalSystem } from './portal-system.js';
