import { actGiven, approvalEscalated, deadlineMissed, stepReminded } from './act-events.js';
import { planApprovedV2, planRejectedV2 } from './decision-events.js';
import { hostKeyRefused, webhookDisabled } from './outgoing-events.js';
import { absenceSubmitted, moverSubmitted, onboardingSubmitted } from './people-events.js';
import { driftFound, runEnded, runStarted, stepEnded } from './process-events.js';
import {
  offboardingSubmitted,
  planPresented,
  reinstatementSubmitted,
  requestClosed,
  requestRefused,
} from './request-events.js';
import { linkRevealed } from './secret-events.js';
import {
  ticketAssigned,
  ticketDateChanged,
  ticketOpened,
  ticketPriorityChanged,
  ticketStatusChanged,
  ticketTargetsChanged,
} from './ticket-events.js';

/**
 * Types of events that leave the house by webhooks: those that carry ids and nothing about people. What tells of
 * Stellwerk's own engine, and the first version of decisions (which names people), stays in.
 */
export const publicEventTypes: readonly string[] = [
  offboardingSubmitted,
  reinstatementSubmitted,
  onboardingSubmitted,
  moverSubmitted,
  absenceSubmitted,
  planPresented,
  planApprovedV2,
  planRejectedV2,
  requestRefused,
  requestClosed,
  approvalEscalated,
  actGiven,
  runStarted,
  stepEnded,
  stepReminded,
  deadlineMissed,
  driftFound,
  runEnded,
  linkRevealed,
  hostKeyRefused,
  webhookDisabled,
  ticketOpened,
  ticketStatusChanged,
  ticketPriorityChanged,
  ticketAssigned,
  ticketTargetsChanged,
  ticketDateChanged,
].map(({ type }) => type);
