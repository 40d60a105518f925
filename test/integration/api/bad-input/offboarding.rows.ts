import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { answeredBy, at, get, NO_ID, type Sent } from './row.js';
import type { Undo, World } from './world.js';

const PATH = '/v1/tenants/nordlicht/offboarding';
const LEAVES = { lastDay: '2031-03-31', reason: 'The contract ended.', openRuns: 'finish' };

function send(path: string, body?: unknown) {
  return ({ key }: World): Sent => ({
    method: 'POST',
    path,
    as: 'msp/owner',
    headers: { 'idempotency-key': key },
    ...(body === undefined ? {} : { body }),
  });
}

/** Nordlicht's off-boarding for one call. */
function leaving(status: 'requested' | 'closed' | 'due', by = 'first@msp') {
  return async ({ fixture }: World): Promise<Undo> => {
    const { admin } = fixture.database;
    const id = newId();
    await sql`INSERT INTO tenant_offboardings (tenant_id, id, status, reason, last_day, closes_at, open_runs, fetch_days,
        retention_days, requested_by, confirmed_by, closed_at)
      VALUES ('nordlicht', ${id}, ${status}, 'x', '2031-03-31', '2031-04-01T00:00Z', 'finish', 30, 90, ${by},
        CASE WHEN ${status} <> 'requested' THEN 'second@msp' END, CASE WHEN ${status} <> 'requested' THEN now() END)`.execute(
      admin,
    );
    return async () => void (await admin.deleteFrom('tenant_offboardings').where('id', '=', id).execute());
  };
}

/** An erasure that another owner asked for. */
async function askedFor(world: World): Promise<Undo> {
  const undo = await leaving('due')(world);
  await sql`UPDATE tenant_offboardings SET erasure_requested_by = 'first@msp', erasure_requested_at = now()
    WHERE tenant_id = 'nordlicht' AND status = 'due'`.execute(world.fixture.database.admin);
  return undo;
}

/** An erasure that is due, and a legal hold. */
async function heldByLaw(world: World): Promise<Undo> {
  const { admin } = world.fixture.database;
  const undo = await leaving('due')(world);
  const id = newId();
  await sql`INSERT INTO legal_holds (tenant_id, id, reason, set_by) VALUES ('nordlicht', ${id}, 'x', 'x')`.execute(
    admin,
  );
  return async () => {
    await admin.deleteFrom('legal_holds').where('id', '=', id).execute();
    await undo();
  };
}

/** Customers that leave. */
export const offboardingRows = [
  ...answeredBy(404, 'tenant_erasure.not_found', [
    'certificates of an erasure that there is not',
    get(`/v1/erasures/${NO_ID}/certificates`, 'msp/owner'),
  ]),
  ...answeredBy(404, 'offboarding.not_found', ['no off-boarding', get(PATH, 'msp/owner')]),
  ...answeredBy(
    422,
    'request.invalid',
    ['a last day that is none', send(PATH, { ...LEAVES, lastDay: '2031-02-30' }), at('lastDay', 'not_a_date')],
    ['no choice about open runs', send(PATH, { ...LEAVES, openRuns: 'lose' }), at('openRuns', 'not_allowed')],
    ['keeping data for ever', send(PATH, { ...LEAVES, retentionDays: 3651 }), at('retentionDays', 'too_large')],
  ),
  ...answeredBy(422, 'offboarding.invalid', [
    'a last day that is over',
    send(PATH, { ...LEAVES, lastDay: '2020-01-01' }),
  ]),
  ...answeredBy(409, 'tenant.state_wrong', ['off-boarding the MSP', send('/v1/tenants/msp/offboarding', LEAVES)]),
  ...answeredBy(
    409,
    'offboarding.state_wrong',
    ['off-boarding a customer twice', send(PATH, LEAVES), { given: leaving('requested') }],
    ['calling off what is closed', send(`${PATH}/cancel`, { reason: 'x' }), { given: leaving('closed') }],
    [
      'erasing a customer whose retention is not over',
      send(`${PATH}/erasure`, { reason: 'x' }),
      { given: leaving('closed') },
    ],
    ['confirming an erasure that nobody asked for', send(`${PATH}/erasure/confirm`), { given: leaving('due') }],
    [
      'taking back an erasure that nobody asked for',
      send(`${PATH}/erasure/withdraw`, { reason: 'x' }),
      { given: leaving('due') },
    ],
    ['trying access before it was closed', send(`${PATH}/probes`), { given: leaving('requested') }],
  ),
  ...answeredBy(409, 'offboarding.second_owner_needed', [
    'one owner alone off-boards a customer',
    send(`${PATH}/confirm`),
    { given: leaving('requested', 'Owner@msp') },
  ]),
  ...answeredBy(409, 'offboarding.erasure_asked_already', [
    'asking for an erasure that another owner asked for',
    send(`${PATH}/erasure`, { reason: 'x' }),
    { given: askedFor },
  ]),
  ...answeredBy(409, 'offboarding.erasure_held', [
    'an erasure while a legal hold stands',
    send(`${PATH}/erasure`, { reason: 'x' }),
    { given: heldByLaw },
  ]),
  ...answeredBy(404, 'offboarding.access_not_found', [
    'confirming access that we never had',
    send(`${PATH}/access-confirmations`, { entry: 'system/none', reason: 'x' }),
    { given: leaving('closed') },
  ]),
];
