import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const id = Type.String({ format: 'uuid' });
const instant = Type.String({ format: 'date-time' });
const closed = { additionalProperties: false } as const;
const requestId = '01975d1c-7a00-7000-8000-000000000001';
const runId = '01975d1c-7a00-7000-8000-000000000002';
const actId = '01975d1c-7a00-7000-8000-000000000003';
const at = '2026-11-30T16:15:00.000Z';

/** A person intervened in a run or a request. What was done, by whom and why stands in our tables. */
export const actGiven = defineEvent('process.act.given', 1, {
  summary: 'A person intervened: pause, resume, cancel, retry, skip, complete, reschedule or lock out.',
  schema: Type.Object({ requestId: id, actId: id }, closed),
  sample: { requestId, actId },
});

export const deadlineMissed = defineEvent('process.deadline.missed', 1, {
  summary: 'Alarm: steps with a hard deadline, e.g. those that lock a leaver out, were not proven done in time.',
  schema: Type.Object({ runId: id, requestId: id, steps: Type.Array(Type.String()), deadline: instant }, closed),
  sample: { runId, requestId, steps: ['disable_sign_in'], deadline: at },
});

export const approvalEscalated = defineEvent('request.approval.escalated', 1, {
  summary:
    'Alarm: a request with a deadline is not approved. Each level is nearer to the deadline, the last is past it.',
  schema: Type.Object(
    { requestId: id, level: Type.Integer({ minimum: 1 }), deadline: instant, missed: Type.Boolean() },
    closed,
  ),
  sample: { requestId, level: 2, deadline: at, missed: false },
});

export const stepReminded = defineEvent('process.step.reminded', 1, {
  summary: 'A step that a person does is due, or will be; whoever it is assigned to was reminded.',
  schema: Type.Object(
    { runId: id, requestId: id, stepId: Type.String(), number: Type.Integer({ minimum: 1 }), dueAt: instant },
    closed,
  ),
  sample: { runId, requestId, stepId: 'equipment_1', number: 1, dueAt: at },
});
