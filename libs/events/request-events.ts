import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const id = Type.String({ format: 'uuid' });
const hash = Type.String({ pattern: '^[0-9a-f]{64}$' });
const closed = { additionalProperties: false } as const;
const sampleId = '01975d1c-7a00-7000-8000-000000000001';
const sampleRun = '01975d1c-7a00-7000-8000-000000000002';
const sampleHash = 'a'.repeat(64);

/** A customer asked for a leaver to be off-boarded. Carries only the id: the request may be confidential. */
export const offboardingSubmitted = defineEvent('request.offboarding.submitted', 1, {
  summary: 'A leaver’s off-boarding was requested.',
  schema: Type.Object({ requestId: id }, closed),
  sample: { requestId: sampleId },
});

export const reinstatementSubmitted = defineEvent('request.reinstatement.submitted', 1, {
  summary: 'Taking back what a run did was requested.',
  schema: Type.Object({ requestId: id, runId: id }, closed),
  sample: { requestId: sampleId, runId: sampleRun },
});

export const planPresented = defineEvent('request.plan.presented', 1, {
  summary: 'A plan (or, after drift, its next revision) waits for approval.',
  schema: Type.Object({ requestId: id, revision: Type.Integer({ minimum: 1 }), planHash: hash }, closed),
  sample: { requestId: sampleId, revision: 1, planHash: sampleHash },
});

const decision = Type.Object(
  {
    requestId: id,
    decisionId: id,
    revision: Type.Integer({ minimum: 1 }),
    planHash: hash,
    decidedBy: Type.String(),
    reason: Type.Union([Type.String(), Type.Null()]),
  },
  closed,
);
const sampleDecision = {
  requestId: sampleId,
  decisionId: sampleRun,
  revision: 1,
  planHash: sampleHash,
  decidedBy: 'approver@muster',
  reason: null,
};

export const planApproved = defineEvent('request.plan.approved', 1, {
  summary: 'A plan was approved.',
  schema: decision,
  sample: sampleDecision,
});

export const planRejected = defineEvent('request.plan.rejected', 1, {
  summary: 'A plan was rejected.',
  schema: decision,
  sample: { ...sampleDecision, reason: 'She stays until March.' },
});

export const requestRefused = defineEvent('request.request.refused', 1, {
  summary: 'A request was refused after it was accepted, e.g. because its user is unknown.',
  schema: Type.Object({ requestId: id, code: Type.String() }, closed),
  sample: { requestId: sampleId, code: 'directory.user_not_found' },
});

export const requestClosed = defineEvent('request.request.closed', 1, {
  summary: 'A request’s run ended and the request is closed.',
  schema: Type.Object({ requestId: id, runId: id, outcome: Type.String() }, closed),
  sample: { requestId: sampleId, runId: sampleRun, outcome: 'completed' },
});
