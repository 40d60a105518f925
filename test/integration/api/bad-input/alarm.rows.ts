import { newId } from '#libs/kernel';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import { PersonFactory } from '../../../support/api/people.factory.js';
import { answeredBy, NO_ID, type Sent } from './row.js';
import type { Undo, World } from './world.js';

const acknowledge = (id: () => string, by: () => Partial<Sent>) => (): Sent => ({
  method: 'POST',
  path: `/v1/alarms/${id()}/acknowledge`,
  body: { reason: 'It was me.' },
  ...by(),
});

let key = '';
let alarm = '';

/** An alarm, and a key that acts as the emergency account that set it off. */
async function emergency({ fixture }: World): Promise<Undo> {
  const { admin } = fixture.database;
  const name = `safe-${newId().slice(-8)}`;
  const person_id = await PersonFactory.at('msp').named(name).from('emergency').in(admin);
  [key, alarm] = [newApiKey(), newId()];
  const holder = { role: 'owner', subject: `${name}@msp`, name: 'test', key_hash: hashOfApiKey(key) };
  await admin
    .insertInto('api_keys')
    .values({ tenant_id: 'msp', id: newId(), ...holder })
    .execute();
  const row = { tenant_id: 'msp', id: alarm, kind: 'emergency_account.used', person_id, session_id: newId() } as const;
  await admin
    .insertInto('alarms')
    .values({ ...row, refusal: null, event_ids: [] })
    .execute();
  return async () => {
    await admin.deleteFrom('alarms').where('id', '=', alarm).execute();
    await admin.deleteFrom('api_keys').where('subject', '=', holder.subject).execute();
    await admin.deleteFrom('people').where('id', '=', person_id).execute();
  };
}

/** Alarms about emergency accounts. */
export const alarmRows = [
  ...answeredBy(404, 'alarm.not_found', [
    'an alarm that does not exist',
    acknowledge(
      () => NO_ID,
      () => ({ as: 'msp/owner' }),
    ),
  ]),
  ...answeredBy(403, 'alarm.own', [
    'an emergency account that silences its own alarm',
    acknowledge(
      () => alarm,
      () => ({ headers: { authorization: `Bearer ${key}` } }),
    ),
    { given: emergency },
  ]),
];
