export * from './mail-errors.js';
export { deliver, messageIdOf, type Mail } from './mail-delivery.js';
export { mailSend } from './mail-send.block.js';
export * from './smtp-config.js';
