import * as acts from './act-events.js';
import * as audit from './audit-events.js';
import * as approvals from './approval-events.js';
import * as decisions from './decision-events.js';
import type { EventDefinition } from './define-event.js';
import * as escalation from './escalation-events.js';
import * as offboarding from './offboarding-events.js';
import * as identity from './identity-events.js';
import * as invitation from './invitation-events.js';
import * as outgoing from './outgoing-events.js';
import * as people from './people-events.js';
import * as process from './process-events.js';
import * as request from './request-events.js';
import * as retention from './retention-events.js';
import * as secret from './secret-events.js';
import * as tenancy from './tenancy-events.js';
import * as promise from './promise-events.js';
import * as ticket from './ticket-events.js';
import * as ticketDesk from './ticket-desk-events.js';
import * as ticketMail from './ticket-mail-events.js';

/** Every event of Stellwerk, by type. */
export const events: ReadonlyMap<string, EventDefinition> = new Map(
  [
    ...Object.values(request),
    ...Object.values(people),
    ...Object.values(decisions),
    ...Object.values(process),
    ...Object.values(acts),
    ...Object.values(secret),
    ...Object.values(audit),
    ...Object.values(approvals),
    ...Object.values(tenancy),
    ...Object.values(offboarding),
    ...Object.values(retention),
    ...Object.values(identity),
    ...Object.values(invitation),
    ...Object.values(outgoing),
    ...Object.values(promise),
    ...Object.values(ticket),
    ...Object.values(ticketDesk),
    ...Object.values(ticketMail),
    ...Object.values(escalation),
  ].map((event) => [event.type, event as unknown as EventDefinition]),
);

/** The topics, without prefix. */
export const topics: readonly string[] = [...new Set([...events.values()].map((event) => event.topic))].sort();
