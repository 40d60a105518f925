export * from './app-error.js';
export * from './clock.js';
export * from './effect.js';
export * from './ids.js';
export * from './json.js';
export * from './problem.js';
