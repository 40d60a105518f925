export * from './mail-content.js';
export * from './mail-layout.js';
