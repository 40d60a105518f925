import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const id = Type.String({ format: 'uuid' });

export const linkRevealed = defineEvent('secret.link.revealed', 1, {
  summary: 'A one-time link was opened: whoever had it has seen the password, and nobody else will.',
  schema: Type.Object({ linkId: id, requestId: id, runId: id, stepId: Type.String() }, { additionalProperties: false }),
  sample: {
    linkId: '01975d1c-7a00-7000-8000-000000000003',
    requestId: '01975d1c-7a00-7000-8000-000000000001',
    runId: '01975d1c-7a00-7000-8000-000000000002',
    stepId: 'hand_over_password',
  },
});
