export * from './mail-errors.js';
export { mailSend, messageIdOf } from './mail-send.block.js';
export * from './smtp-config.js';
