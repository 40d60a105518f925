import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

const id = Type.String({ format: 'uuid' });
const closed = { additionalProperties: false } as const;
const alarmId = '01975d1c-7a00-7000-8000-000000000013';
const personId = '01975d1c-7a00-7000-8000-000000000014';

export const emergencyAccountUsed = defineEvent('identity.emergency_account.used', 1, {
  summary: 'Alarm: somebody signed in with an emergency account. Owners are told until one of them acknowledges it.',
  schema: Type.Object({ alarmId: id, personId: id, sessionId: id }, closed),
  sample: { alarmId, personId, sessionId: '01975d1c-7a00-7000-8000-000000000015' },
});

export const emergencyAccountRefused = defineEvent('identity.emergency_account.refused', 1, {
  summary: 'Alarm: somebody tried to sign in with an emergency account and failed.',
  schema: Type.Object({ alarmId: id, personId: id }, closed),
  sample: { alarmId, personId },
});

export const emergencyAccountChanged = defineEvent('identity.emergency_account.changed', 1, {
  summary: 'Alarm: somebody locked or unlocked an emergency account, or changed its keys or roles.',
  schema: Type.Object({ alarmId: id, personId: id }, closed),
  sample: { alarmId, personId },
});

export const alarmAcknowledged = defineEvent('identity.alarm.acknowledged', 1, {
  summary: 'An owner knows of an alarm; nobody is told of it any more.',
  schema: Type.Object({ alarmId: id }, closed),
  sample: { alarmId },
});
