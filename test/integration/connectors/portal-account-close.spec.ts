import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { portalAccountClose, portalSystem, type BlockContext, type StepName } from '#libs/connectors';
import { newId, systemClock } from '#libs/kernel';
import { hashOfApiKey, newApiKey, PortalAccounts } from '#libs/platform/access';
import { openDatabase, type Database } from '#libs/platform/database';
import { OutgoingGuard, PUBLIC_ONLY } from '#libs/platform/outgoing';
import { RequestFactory } from '../../support/api/request.factory.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let worker: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  worker = openDatabase({ url: database.urlFor('worker'), poolSize: 2 }, 'portal-test');
  for (const id of ['alpha', 'beta'])
    await database.admin.insertInto('tenants').values({ id, kind: 'customer', name: id, time_zone: 'UTC' }).execute();
});
afterAll(async () => {
  await worker?.destroy();
  await database?.drop();
});

const user = { user: 'Eva.Beck@alpha.example' };

async function givenKey(tenant: string, subject: string, revoked = false): Promise<string> {
  const id = newId();
  const key = { tenant_id: tenant, id, role: 'requester', subject, name: 'test', key_hash: hashOfApiKey(newApiKey()) };
  await database.admin
    .insertInto('api_keys')
    .values({ ...key, revoked_at: revoked ? systemClock.now() : null })
    .execute();
  return id;
}

async function openKeys(): Promise<string[]> {
  const rows = await database.admin.selectFrom('api_keys').select('id').where('revoked_at', 'is', null).execute();
  return rows.map((row) => row.id).sort();
}

function step(stepId: string, takesBack: StepName | null = null): BlockContext {
  const nothing = (): never => {
    throw new Error('This step has no secrets.');
  };
  return {
    ...{ tenant: 'alpha', runId: 'run', stepId, idempotencyKey: `alpha/run/${stepId}`, takesBack },
    system: portalSystem('alpha'),
    secrets: { resolve: nothing, signedIn: nothing, sealOnce: nothing, sealedBy: nothing },
    links: { offer: nothing, find: nothing, ofStep: nothing, revoke: nothing },
    portal: new PortalAccounts(worker),
    outgoing: new OutgoingGuard(PUBLIC_ONLY),
    expectedIdentity: null,
    signal: new AbortController().signal,
    heartbeat: () => undefined,
    now: () => systemClock.now(),
  };
}

describe('closing a portal account', () => {
  it('closes the person’s keys and nobody else’s, is proven, and gives back what it closed', async () => {
    const others = await Promise.all([givenKey('alpha', 'eva.becker@alpha'), givenKey('beta', 'eva.beck@beta')]);
    const own = await Promise.all([givenKey('alpha', 'eva.beck@alpha'), givenKey('alpha', 'EVA.BECK@alpha')]);
    await givenKey('alpha', 'eva.beck@alpha', true);
    const context = step('close');
    const effect = await portalAccountClose.plan(context, user);
    expect(effect.changes).toEqual([{ target: 'eva.beck@alpha', field: 'signIn', before: 'open', after: 'closed' }]);
    await portalAccountClose.apply(context, user, effect);
    // a repeat after a crash
    await portalAccountClose.apply(context, user, effect);
    expect(await openKeys()).toEqual([...others].sort());
    expect(await portalAccountClose.verify(context, user, effect, null)).toMatchObject({
      proven: true,
      evidence: { openKeys: 0, closedKeys: 2 },
    });
    expect((await portalAccountClose.plan(context, user)).changes).toEqual([]);
    const back = step('undo_close', { runId: 'run', stepId: 'close' });
    const undo = await portalAccountClose.undo(back, user, effect, []);
    expect(undo.changes).toMatchObject([{ before: 'closed', after: 'open' }]);
    await portalAccountClose.apply(back, user, undo);
    expect(await openKeys()).toEqual([...others, ...own].sort());
    expect(await portalAccountClose.verify(back, user, undo, null)).toMatchObject({ proven: true });
    expect((await portalAccountClose.undo(back, user, effect, [])).changes).toEqual([]);
  });

  it('has nothing to give back that another run closed', async () => {
    const recorded = { identity: null, irreversible: null, notes: [], kept: [] };
    const changes = [{ target: 'eva.beck@alpha', field: 'signIn', before: 'open', after: 'closed' }];
    await portalAccountClose.apply(step('close_again'), user, { ...recorded, changes });
    const other = step('undo', { runId: 'another-run', stepId: 'close_again' });
    expect((await portalAccountClose.undo(other, user, { ...recorded, changes }, [])).changes).toEqual([]);
  });

  it('lets the worker read no key', async () => {
    await expect(worker.selectFrom('api_keys').select('key_hash').execute()).rejects.toThrow(/permission denied/);
  });
});

describe('a new key of a leaver', () => {
  /** An off-boarding whose plan has these steps, and that it has done already. */
  async function leaving(user: string, steps: readonly string[], ended: readonly string[] = []): Promise<void> {
    const made = RequestFactory.of('alpha').about(user).planned().withRun('running').inStatus('running');
    const { id, runId } = await made.in(database.admin);
    const plan = JSON.stringify({ steps: steps.map((step) => ({ id: step })) });
    await database.admin.updateTable('plans').set({ plan }).where('request_id', '=', id).execute();
    for (const [position, step_id] of ended.entries()) {
      const what = { title: 'x', block: 'portal.account.close', verb: 'apply', system: 'portal' } as const;
      const place = { tenant_id: 'alpha', run_id: runId, step_id, position, status: 'ended', outcome: 'succeeded' };
      await database.admin
        .insertInto('run_steps')
        .values({ ...place, ...what })
        .execute();
    }
  }

  it('is refused where no step is going to close it', async () => {
    await leaving('Nora.Neu', ['disable_sign_in']);
    await leaving('paul.portal@alpha.example', ['close_portal_account']);
    await leaving('otto.offen', ['close_portal_account'], ['close_portal_account']);
    await expect(givenKey('alpha', 'nora.neu@alpha')).rejects.toThrow('would not close this key');
    await expect(givenKey('alpha', 'otto.offen@alpha')).rejects.toThrow('would not close this key');
    await givenKey('alpha', 'paul.portal@alpha');
    await givenKey('alpha', 'nora.neumann@alpha');
    await givenKey('beta', 'nora.neu@beta');
  });

  it('is taken once the off-boarding is over', async () => {
    await leaving('rita.rueck', ['disable_sign_in']);
    await database.admin
      .updateTable('requests')
      .set({ status: 'closed' })
      .where('subject', '=', 'rita.rueck')
      .execute();
    await givenKey('alpha', 'rita.rueck@alpha');
  });
});
