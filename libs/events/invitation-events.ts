import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const schema = Type.Object({ invitationId: Type.String({ format: 'uuid' }) }, { additionalProperties: false });
const sample = { invitationId: '01975d1c-7a00-7000-8000-000000000001' };

// Who is invited and by whom stands in our tables alone.

export const invitationCreated = defineEvent('identity.invitation.created', 1, {
  summary: 'Somebody was invited to sign in with a passkey.',
  schema,
  sample,
});

export const invitationResent = defineEvent('identity.invitation.resent', 1, {
  summary: 'An invitation is sent again with a new link; the earlier one no longer holds.',
  schema,
  sample,
});

export const invitationWithdrawn = defineEvent('identity.invitation.withdrawn', 1, {
  summary: 'An invitation was withdrawn before it was accepted.',
  schema,
  sample,
});

export const invitationAccepted = defineEvent('identity.invitation.accepted', 1, {
  summary: 'Somebody accepted an invitation: they have a passkey and their roles.',
  schema,
  sample,
});

export const invitationExpired = defineEvent('identity.invitation.expired', 1, {
  summary: 'Nobody accepted an invitation in time.',
  schema,
  sample,
});
