import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const id = Type.String({ format: 'uuid' });
const closed = { additionalProperties: false } as const;
const requestId = '01975d1c-7a00-7000-8000-000000000001';
const runId = '01975d1c-7a00-7000-8000-000000000002';

export const runStarted = defineEvent('process.run.started', 1, {
  summary: 'A run was created from an approved plan.',
  schema: Type.Object(
    { runId: id, requestId: id, process: Type.String(), startsAt: Type.String({ format: 'date-time' }) },
    closed,
  ),
  sample: { runId, requestId, process: 'offboarding', startsAt: '2026-11-30T16:00:00.000Z' },
});

export const stepEnded = defineEvent('process.step.ended', 1, {
  summary: 'A step of a run ended, with its outcome.',
  schema: Type.Object(
    {
      runId: id,
      stepId: Type.String(),
      outcome: Type.Union(
        (['succeeded', 'already_in_desired_state', 'skipped', 'failed', 'compensated', 'unknown'] as const).map(
          (value) => Type.Literal(value),
        ),
      ),
      code: Type.Union([Type.String(), Type.Null()], { description: 'The problem’s code when it failed.' }),
      attempt: Type.Integer({ minimum: 0 }),
    },
    closed,
  ),
  sample: { runId, stepId: 'disable_sign_in', outcome: 'succeeded', code: null, attempt: 1 },
});

export const runEnded = defineEvent('process.run.ended', 1, {
  summary: 'A run ended.',
  schema: Type.Object(
    {
      runId: id,
      requestId: id,
      outcome: Type.Union(
        (['completed', 'completed_with_errors', 'failed', 'cancelled'] as const).map((value) => Type.Literal(value)),
      ),
    },
    closed,
  ),
  sample: { runId, requestId, outcome: 'completed' },
});

export const driftFound = defineEvent('process.drift.found', 1, {
  summary:
    'Values that a plan would change were changed by somebody else. With `alarm`, the object itself is another one.',
  schema: Type.Object({ runId: id, requestId: id, steps: Type.Array(Type.String()), alarm: Type.Boolean() }, closed),
  sample: { runId, requestId, steps: ['move_to_leavers'], alarm: false },
});

export const runStalled = defineEvent('process.run.stalled', 1, {
  summary: 'Alarm: a workflow’s task keeps failing, so its run does not move.',
  schema: Type.Object({ requestId: id, workflowId: Type.String(), error: Type.String() }, closed),
  sample: { requestId, workflowId: `muster/offboarding/${requestId}`, error: 'Nondeterminism error' },
});

export const runLost = defineEvent('process.run.lost', 1, {
  summary: 'Alarm: a workflow is closed or gone in the engine although its request is open.',
  schema: Type.Object(
    { requestId: id, runId: Type.Union([id, Type.Null()]), workflowId: Type.String(), engineStatus: Type.String() },
    closed,
  ),
  sample: { requestId, runId, workflowId: `muster/offboarding/${requestId}`, engineStatus: 'TERMINATED' },
});
