export * from './database-errors.js';
export * from './database.js';
export * from './gathering.js';
export * from './migrate.js';
export * from './schema.js';
export * from './tenant-isolation.js';
