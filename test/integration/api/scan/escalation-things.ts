import { newId } from '#libs/kernel';
import { PersonFactory } from '../../../support/api/people.factory.js';
import type { Things } from './things.js';

const TELLS_SOMEBODY = {
  ...{ repeat: 0, acknowledgementMinutes: null },
  steps: [{ kind: 'notify', receivers: [{ kind: 'person', subject: 'technician@msp' }] }],
};

/** Somebody at the MSP who can be told of an escalation. */
export async function mspPerson(things: Things): Promise<string> {
  const name = things.user();
  await PersonFactory.at('msp').named(name).in(things.admin);
  return `${name}@msp`;
}

export async function escalationChain({ admin, tenant }: Things): Promise<string> {
  const name = `chain-${newId().slice(-12)}`;
  const chain = JSON.stringify(TELLS_SOMEBODY);
  await admin
    .insertInto('escalation_chains')
    .values({ tenant_id: tenant, name, version: 1, chain, set_by: 'x' })
    .execute();
  return name;
}

/** A chain that runs for a ticket. */
export async function escalation(things: Things, status: 'running' | 'ended' = 'running'): Promise<string> {
  const row = { tenant_id: things.tenant, id: newId(), ticket_id: await things.ticket(), status };
  const chain = {
    chain_tenant: things.tenant,
    chain_name: 'night',
    chain_version: 1,
    chain: JSON.stringify(TELLS_SOMEBODY),
  };
  const cause = { cause: 'hand', cause_key: `hand/${row.id}`, cause_details: '{}', due_at: new Date(0) };
  const state = JSON.stringify({ round: 0, position: 0, since: 0, told: {}, exhausted: false });
  const end = status === 'ended' ? { ended_at: new Date(0), end_reason: 'ticket_closed' } : {};
  await things.admin
    .insertInto('escalations')
    .values({ ...row, ...chain, ...cause, ...end, state, started_by: 'technician@msp' })
    .execute();
  return row.id;
}

export async function notificationChannel({ admin, tenant }: Things): Promise<string> {
  const name = `channel-${newId().slice(-12)}`;
  const config = { url: 'https://hooks.example/x', method: 'POST', headers: {}, body: null, idAt: null };
  await admin
    .insertInto('notification_channels')
    .values({
      ...{ tenant_id: tenant, id: newId(), name, kind: 'slack', set_by: 'x' },
      config: JSON.stringify({ ...config, secret: null, callback: null }),
    })
    .execute();
  return name;
}
