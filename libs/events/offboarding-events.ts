import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const closed = { additionalProperties: false } as const;
const ofOffboarding = {
  schema: Type.Object(
    { tenant: Type.String({ pattern: '^[a-z][a-z0-9-]{1,39}$' }), offboardingId: Type.String({ format: 'uuid' }) },
    closed,
  ),
  sample: { tenant: 'muster', offboardingId: '01975d1c-7a00-7000-8000-000000000001' },
};

export const tenantOffboardingAnnounced = defineEvent('tenancy.offboarding.announced', 1, {
  summary: 'Two owners announced that a customer leaves: its access closes when its last day is over.',
  ...ofOffboarding,
});

export const tenantOffboardingMoved = defineEvent('tenancy.offboarding.moved', 1, {
  summary: 'Something that the off-boarding of a customer waits for changed: its workflow looks again.',
  ...ofOffboarding,
});

export const tenantAccessClosed = defineEvent('tenancy.access.closed', 1, {
  summary: 'A customer that leaves was shut out; its administrator may fetch the handover for a while.',
  ...ofOffboarding,
});

export const tenantAccessReminded = defineEvent('tenancy.access.reminded', 1, {
  summary: 'Our access to a customer that left is not proven gone yet: somebody has to look.',
  ...ofOffboarding,
});

export const tenantAccessProven = defineEvent('tenancy.access.proven', 1, {
  summary: 'Our access to a customer that left is gone, and what was stored of its credentials destroyed.',
  ...ofOffboarding,
});

const ofErasure = {
  schema: Type.Object({ erasureId: Type.String({ format: 'uuid' }) }, closed),
  sample: { erasureId: '01975d1c-7a00-7000-8000-000000000001' },
};

export const tenantErasureOrdered = defineEvent('tenancy.erasure.ordered', 1, {
  summary: 'Two owners ordered the erasure of a customer that left; it has begun and is the MSP’s record.',
  ...ofErasure,
});

export const tenantErased = defineEvent('tenancy.tenant.erased', 1, {
  summary: 'A customer that left was erased, but what the law keeps.',
  ...ofErasure,
});

export const tenantErasureDue = defineEvent('tenancy.erasure.due', 1, {
  summary: 'The retention of a customer that left is over: two owners may have it erased.',
  ...ofOffboarding,
});
