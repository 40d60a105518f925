export * from './block.js';
export * from './catalogue.js';
export * from './errors.js';
export * from './hand-over/index.js';
export * from './http/index.js';
export * from './ldap/index.js';
export * from './people/index.js';
export * from './smtp/index.js';
