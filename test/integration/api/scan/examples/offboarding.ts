import { sql } from 'kysely';
import { newId } from '#libs/kernel';
import { PersonFactory } from '../../../../support/api/people.factory.js';
import type { RouteExamples } from '../example.js';
import type { Things } from '../things.js';

const LEAVES = { lastDay: '2031-03-31', reason: 'The contract ended.', openRuns: 'finish' };

/** A customer of its own: an act on the scanned one would keep its people out. */
async function customer({ admin }: Things, status: 'active' | 'offboarding' = 'active'): Promise<string> {
  const id = `c${newId().replaceAll('-', '')}`;
  const row = { id, kind: 'customer' as const, name: 'Another', time_zone: 'UTC', status };
  await admin.insertInto('tenants').values(row).execute();
  return id;
}

/** An off-boarding that somebody else asked for. */
async function leaving({ admin }: Things, tenant: string, status: string): Promise<string> {
  const isClosed = !['requested', 'announced'].includes(status);
  const id = newId();
  await sql`INSERT INTO tenant_offboardings (tenant_id, id, status, reason, last_day, closes_at, open_runs, fetch_days,
      retention_days, requested_by, confirmed_by, confirmed_at, closed_at, fetch_until)
    VALUES (${tenant}, ${id}, ${status}, 'x', '2031-03-31', '2031-04-01T00:00Z', 'finish', 30, 90, 'first@msp',
      CASE WHEN ${status} <> 'requested' THEN 'second@msp' END, CASE WHEN ${status} <> 'requested' THEN now() END,
      CASE WHEN ${isClosed} THEN now() END, CASE WHEN ${isClosed} THEN now() + interval '30 days' END)
    ON CONFLICT (tenant_id) WHERE status <> 'cancelled' DO NOTHING`.execute(admin);
  if (isClosed)
    await sql`INSERT INTO tenant_access_list (tenant_id, offboarding_id, entry, kind, state)
      SELECT tenant_id, id, 'secret/spare', 'secret', 'unknown' FROM tenant_offboardings WHERE id = ${id}`.execute(
      admin,
    );
  return id;
}

/** Another customer's off-boarding in this state. */
const another = (status: string) => async (things: Things) => {
  const isClosed = !['requested', 'announced'].includes(status);
  const tenant = await customer(things, isClosed ? 'offboarding' : 'active');
  await leaving(things, tenant, status);
  return { path: { tenant } };
};

/** Another customer's, whose erasure was asked for. */
async function askedFor(things: Things) {
  const call = await another('due')(things);
  await sql`UPDATE tenant_offboardings SET erasure_requested_by = 'first@msp', erasure_requested_at = now() WHERE tenant_id = ${call.path.tenant}`.execute(
    things.admin,
  );
  return call;
}

/** The MSP's owner as a person, who was one before what comes. */
async function owner({ admin }: Things): Promise<void> {
  const there = await admin.selectFrom('people').select('id').where('subject', '=', 'owner@msp').executeTakeFirst();
  if (!there) await PersonFactory.at('msp').named('owner').granted('owner', 'all').in(admin);
}

/** The scanned customer's own, which is only asked for. */
const own = async (things: Things) => {
  await leaving(things, things.tenant, 'requested');
  return { path: { tenant: things.tenant } };
};

export const offboardingExamples: RouteExamples = {
  startCustomerOffboarding: async (things) => ({ path: { tenant: await customer(things) }, body: LEAVES }),
  getCustomerOffboarding: own,
  confirmCustomerOffboarding: async (things) => {
    await owner(things);
    return another('requested')(things);
  },
  cancelCustomerOffboarding: async (things) => ({ ...(await another('announced')(things)), body: { reason: 'x' } }),
  probeCustomerAccess: another('closed'),
  confirmCustomerAccess: async (things) => ({
    ...(await another('closed')(things)),
    body: { entry: 'secret/spare', reason: 'Their administrator says so.' },
  }),
  requestCustomerErasure: async (things) => ({ ...(await another('due')(things)), body: { reason: 'x' } }),
  confirmCustomerErasure: async (things) => {
    await owner(things);
    return askedFor(things);
  },
  withdrawCustomerErasure: async (things) => ({ ...(await askedFor(things)), body: { reason: 'x' } }),
  listCustomerErasures: () => ({}),
  listKeptCertificates: async (things) => ({ path: { id: (await things.keptCertificate()).id } }),
  getKeptCertificate: async (things) => ({ path: await things.keptCertificate() }),
  getKeptCertificateSignature: async (things) => ({ path: await things.keptCertificate() }),
  getAccessList: own,
  getAccessListSignature: own,
  getAccessListPage: own,
};
