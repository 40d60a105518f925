import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const tenant = Type.String({ pattern: '^[a-z][a-z0-9-]{1,39}$' });
const closed = { additionalProperties: false } as const;
const ofTenant = { schema: Type.Object({ tenant }, closed), sample: { tenant: 'muster' } };

export const tenantCreated = defineEvent('tenancy.tenant.created', 1, {
  summary: 'A customer was created. It is not live before an agreement is recorded.',
  ...ofTenant,
});

export const tenantChanged = defineEvent('tenancy.tenant.changed', 1, {
  summary: 'A customer’s name or time zone was changed.',
  ...ofTenant,
});

export const tenantSuspended = defineEvent('tenancy.tenant.suspended', 1, {
  summary: 'A customer was suspended: its people and keys stay out, runs under way go on.',
  ...ofTenant,
});

export const tenantResumed = defineEvent('tenancy.tenant.resumed', 1, {
  summary: 'A customer’s suspension ended.',
  ...ofTenant,
});

const ofAgreement = {
  schema: Type.Object({ tenant, version: Type.Integer({ minimum: 1 }) }, closed),
  sample: { tenant: 'muster', version: 1 },
};

export const agreementRecorded = defineEvent('tenancy.agreement.recorded', 1, {
  summary: 'A data processing agreement came into force: the customer’s requests are taken.',
  ...ofAgreement,
});

export const agreementEnded = defineEvent('tenancy.agreement.ended', 1, {
  summary: 'A data processing agreement ended without a next one: the customer’s requests are no longer taken.',
  ...ofAgreement,
});

export const personErased = defineEvent('tenancy.person.erased', 1, {
  summary: 'A person was replaced by a pseudonym in everything of a customer’s; copies elsewhere are to follow.',
  schema: Type.Object({ tenant, erasureId: Type.String({ format: 'uuid' }) }, closed),
  sample: { tenant: 'muster', erasureId: '01975d1c-7a00-7000-8000-000000000001' },
});

export const tenantExportRequested = defineEvent('tenancy.export.requested', 1, {
  summary: 'The handover of everything of a customer’s was requested: its export is built.',
  schema: Type.Object({ tenant, exportId: Type.String({ format: 'uuid' }) }, closed),
  sample: { tenant: 'muster', exportId: '01975d1c-7a00-7000-8000-000000000001' },
});

export const tenantExportReleased = defineEvent('tenancy.export.released', 1, {
  summary: 'A handover was released by an owner of the MSP and an administrator of the customer.',
  schema: Type.Object({ tenant, exportId: Type.String({ format: 'uuid' }) }, closed),
  sample: { tenant: 'muster', exportId: '01975d1c-7a00-7000-8000-000000000001' },
});
