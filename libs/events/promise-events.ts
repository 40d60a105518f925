import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const closed = { additionalProperties: false } as const;

export const promiseChanged = defineEvent('sla.promise.changed', 1, {
  summary:
    'A calendar, a policy or a customer’s tier has changed: open tickets follow from the instant from which it counts.',
  schema: Type.Object(
    { changeId: Type.String({ format: 'uuid' }), kind: Type.String({ pattern: '^(calendar|policy|tier)$' }) },
    closed,
  ),
  sample: { changeId: '01975d1c-7a00-7000-8000-000000000021', kind: 'policy' },
});
