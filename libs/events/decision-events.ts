import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const id = Type.String({ format: 'uuid' });

/** Who decided and why stand in our tables alone: the request may be confidential. */
const schema = Type.Object(
  {
    requestId: id,
    decisionId: id,
    revision: Type.Integer({ minimum: 1 }),
    planHash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
);
const sample = {
  requestId: '01975d1c-7a00-7000-8000-000000000001',
  decisionId: '01975d1c-7a00-7000-8000-000000000002',
  revision: 1,
  planHash: 'a'.repeat(64),
};

export const planApprovedV2 = defineEvent('request.plan.approved', 2, {
  summary: 'A plan was approved, and confirmed by a second person where it needs one.',
  schema,
  sample,
});

export const planRejectedV2 = defineEvent('request.plan.rejected', 2, {
  summary: 'A plan was rejected.',
  schema,
  sample,
});
