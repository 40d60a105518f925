export * from './model/index.js';
export { openings, type Span } from './model/opening-hours.js';
export { readClock } from './model/sla-clock.js';
export {
  liftedBreaches,
  readTicket,
  readTicketClock,
  segmentsOf,
  type LiftedBreach,
  type Segment,
  type TicketReading,
} from './model/ticket-readings.js';
export { isZone } from './model/zone-offsets.js';
export * from './service/service-levels.js';
export * from './store/promise.store.js';
export * from './store/ticket-facts.store.js';
export { markChanges, nextMarkAt, type Mark, type MarkChanges, type StandingMark } from './model/marks.model.js';
export * from './store/chain.store.js';
export * from './store/escalation.store.js';
export * from './store/mark.store.js';
export * from './store/notification.store.js';
export * from './store/watch.store.js';
export * from './service/change-preview.js';
export * from './service/ticket-levels.js';
export * from './service/what-if.js';
export * from './store/change.store.js';
export * from './store/present-instant.js';
export * from './service/holiday-proposals.js';
export * from './store/channel.store.js';
export { businessDaysAfter } from './model/business-days.js';
