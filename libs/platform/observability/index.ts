export * from './health-server.js';
export * from './logger.js';
export { hideFromLogs } from './redaction.js';
export * from './shutdown.js';
