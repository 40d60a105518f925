export * from './mail-errors.js';
export { messageIdOf } from './mail-delivery.js';
export { mailSend } from './mail-send.block.js';
export * from './smtp-config.js';
