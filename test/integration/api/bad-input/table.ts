import { actRows } from './act.rows.js';
import { alarmRows } from './alarm.rows.js';
import { accessRows } from './access.rows.js';
import { approvalRows } from './approval.rows.js';
import { fieldRows } from './field.rows.js';
import { dateRows } from './date.rows.js';
import { httpRows } from './http.rows.js';
import { identityRows } from './identity.rows.js';
import { passkeyRows, peopleRows } from './people.rows.js';
import { limitRows } from './limits.rows.js';
import { retentionRows } from './retention.rows.js';
import type { BadInput } from './row.js';
import { escalationRows } from './escalation.rows.js';
import { oncallRows } from './oncall.rows.js';
import { outgoingRows } from './outgoing.rows.js';
import { secondPersonRows } from './second-person.rows.js';
import { secretRows } from './secret.rows.js';
import { slaRows } from './sla.rows.js';
import { stateRows } from './state.rows.js';
import { submissionRows } from './submission.rows.js';
import { offboardingRows } from './offboarding.rows.js';
import { tenancyRows } from './tenancy.rows.js';
import { ticketMailRows } from './ticket-mail.rows.js';
import { ticketRows } from './ticket.rows.js';
import { ticketFileRows, ticketRelationRows, ticketTimeRows } from './ticket-desk.rows.js';
import { webhookRows } from './webhook.rows.js';

/** Every bad input that is tried, with its answer. */
export const badInput: readonly BadInput[] = [
  ...httpRows,
  ...approvalRows,
  ...fieldRows,
  ...accessRows,
  ...stateRows,
  ...actRows,
  ...secondPersonRows,
  ...secretRows,
  ...outgoingRows,
  ...webhookRows,
  ...submissionRows,
  ...peopleRows,
  ...passkeyRows,
  ...tenancyRows,
  ...offboardingRows,
  ...limitRows,
  ...slaRows,
  ...dateRows,
  ...oncallRows,
  ...escalationRows,
  ...ticketRows,
  ...ticketMailRows,
  ...ticketFileRows,
  ...ticketTimeRows,
  ...ticketRelationRows,
  ...retentionRows,
  ...identityRows,
  ...alarmRows,
];
