export { httpCall } from './http-call.block.js';
export * from './http-config.js';
export * from './http-errors.js';
export { atPointer } from './json-pointer.js';
