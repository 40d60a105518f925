export * from './data-converter.js';
export * from './decode-messages.js';
export * from './payload-codec.js';
