import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const ofRetention = {
  schema: Type.Object(
    { tenant: Type.String({ pattern: '^[a-z][a-z0-9-]{1,39}$' }), retentionId: Type.String({ format: 'uuid' }) },
    { additionalProperties: false },
  ),
  sample: { tenant: 'muster', retentionId: '01975d1c-7a00-7000-8000-000000000001' },
};

export const retentionBegun = defineEvent('tenancy.retention.begun', 1, {
  summary: 'From now on ended requests of a tenant are erased when they are old enough for their outcome.',
  ...ofRetention,
});

export const retentionChanged = defineEvent('tenancy.retention.changed', 1, {
  summary: 'A tenant keeps ended requests for another time, or what forbade an erasure has ended.',
  ...ofRetention,
});
