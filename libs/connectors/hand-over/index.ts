export * from './hand-over-errors.js';
export { HAND_OVER_LANGUAGES, type HandOverLanguage } from './hand-over-mail.js';
export { passwordHandOver } from './password-hand-over.block.js';
