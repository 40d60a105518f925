import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const data = Type.Object({ requestId: Type.String({ format: 'uuid' }) }, { additionalProperties: false });
const sample = { requestId: '01975d1c-7a00-7000-8000-000000000001' };

// Each carries the id only: a request may be confidential.

export const onboardingSubmitted = defineEvent('request.onboarding.submitted', 1, {
  summary: 'A joiner’s on-boarding was requested.',
  schema: data,
  sample,
});

export const moverSubmitted = defineEvent('request.mover.submitted', 1, {
  summary: 'A move within the customer (department, manager, groups) was requested.',
  schema: data,
  sample,
});

export const absenceSubmitted = defineEvent('request.absence.submitted', 1, {
  summary: 'Suspending somebody who is away, until their return, was requested.',
  schema: data,
  sample,
});
