export * from './event-log.js';
export * from './event-log-errors.js';
export { createKafkaEventLog, DEFAULT_PARTITIONS, RETENTION_DAYS } from './kafka-event-log.js';
