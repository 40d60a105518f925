import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const id = Type.String({ format: 'uuid' });
const closed = { additionalProperties: false } as const;
const approvalId = '01975d1c-7a00-7000-8000-000000000004';
const subjectId = '01975d1c-7a00-7000-8000-000000000001';

// Who decided and why stand in our tables alone: what is asked may be confidential.

export const approvalOpened = defineEvent('approval.round.opened', 1, {
  summary: 'Approvers are asked: about a plan, or about another thing that has a kind and an id.',
  schema: Type.Object({ approvalId: id, subjectKind: Type.String(), subjectId: Type.String() }, closed),
  sample: { approvalId, subjectKind: 'plan', subjectId },
});

export const approvalMoved = defineEvent('approval.round.moved', 1, {
  summary: 'A stage of approvers has decided; the next one is asked.',
  schema: Type.Object({ approvalId: id, stage: Type.Integer({ minimum: 2 }) }, closed),
  sample: { approvalId, stage: 2 },
});

export const approvalClosed = defineEvent('approval.round.closed', 1, {
  summary: 'A question to approvers is over: approved, rejected, superseded by another plan, or withdrawn.',
  schema: Type.Object(
    {
      approvalId: id,
      outcome: Type.Union(
        (['approved', 'rejected', 'superseded', 'withdrawn'] as const).map((value) => Type.Literal(value)),
      ),
    },
    closed,
  ),
  sample: { approvalId, outcome: 'approved' },
});

export const approvalReminded = defineEvent('approval.round.reminded', 1, {
  summary: 'Approvers who have not decided were reminded.',
  schema: Type.Object({ approvalId: id, number: Type.Integer({ minimum: 1 }) }, closed),
  sample: { approvalId, number: 1 },
});

export const approvalRoundEscalated = defineEvent('approval.round.escalated', 1, {
  summary:
    'Alarm: approvers do not decide; others were told and may decide too. `expired`: the time that was set is over.',
  schema: Type.Object({ approvalId: id, expired: Type.Boolean() }, closed),
  sample: { approvalId, expired: false },
});
