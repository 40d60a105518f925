export * from './model/index.js';
export { openings, type Span } from './model/opening-hours.js';
export { readClock } from './model/sla-clock.js';
export { isZone } from './model/zone-offsets.js';
