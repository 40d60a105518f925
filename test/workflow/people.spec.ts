import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import type { Plan } from '#libs/process/model';
import { diffSnapshots } from '../../tools/sandbox/index.js';
import { DirectoryProbe } from '../support/directory-probe.js';
import { eventually } from '../support/eventually.js';
import { startProcessHarness, TENANT, type ProcessHarness, type SubmittedRequest } from '../support/process-harness.js';
import { leaveTimeToTheServer, startTimeSkipping } from '../support/time-skipping.js';

/** Joiners, movers and absences whole, on the time-skipping server; everything else is real. */
let environment: TestWorkflowEnvironment;
let harness: ProcessHarness;
const probe = new DirectoryProbe(() => harness.sandbox.directories[TENANT]!);

beforeAll(async () => {
  environment = await startTimeSkipping();
  harness = await startProcessHarness({ temporalAddress: environment.address, temporalNamespace: 'default' });
  await leaveTimeToTheServer(harness.database);
});
afterAll(async () => {
  await harness?.stop();
  await environment?.teardown();
});

/** By the server's clock, which earlier tests have put forward. */
const now = async (): Promise<Date> => new Date(await environment.currentTimeMs());
const inDays = async (days: number): Promise<string> =>
  new Date((await now()).getTime() + days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');

async function planOf(request: SubmittedRequest): Promise<Plan> {
  await request.status('awaiting_approval');
  const { plan } = await harness.database.admin
    .selectFrom('plans')
    .select('plan')
    .where('request_id', '=', request.id)
    .executeTakeFirstOrThrow();
  return plan as Plan;
}

/** Approves, and lets the time run until the run has ended. */
async function carryOut(request: SubmittedRequest): Promise<Record<string, string | null>> {
  await request.decide('approve');
  await request.runIs('running', 'waiting', 'completed');
  await environment.client.workflow.getHandle(request.handle.workflowId).result();
  return request.outcomes();
}

async function groupsOf(user: string): Promise<readonly string[]> {
  const { dn } = await probe.entryOf(user);
  const groups = Object.entries(await probe.snapshot()).filter(([, { member = [] }]) => member.includes(dn));
  return groups.flatMap(([, { cn = [] }]) => cn).sort();
}

describe('a joiner', () => {
  const wish = {
    givenName: 'Jana',
    surname: 'Keller',
    domain: 'muster.example',
    title: 'Vertriebsinnendienst',
    department: 'Vertrieb',
    businessPhones: ['+49 221 4710-177'],
    manager: 'markus.hoffmann',
    copyGroupsFrom: 'tobias.krueger',
    groups: ['erp'],
    passwordTo: 'markus.hoffmann@muster.example',
    welcomeMailTo: 'jana@privat.example',
  };

  it('gets an entry, groups, a password and a way in at the first hour', async () => {
    const at = await now();
    const request = await harness.requestOf(
      { type: 'onboarding', wish: { ...wish, firstDayAt: await inDays(4), offsets: { create_user: -3 } } },
      at,
    );
    const plan = await planOf(request);
    // there is a Jana Keller already
    expect(plan.subject.name).toBe('jana.keller2');
    expect(plan.remarks).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'onboarding.other_user_name' })]),
    );
    expect((await request.row()).subject).toBe('jana.keller2');
    expect(new Set(Object.values(await carryOut(request)))).toEqual(new Set(['succeeded']));

    const entry = await probe.entryOf('jana.keller2');
    expect(entry).toMatchObject({
      givenName: ['Jana'],
      sn: ['Keller'],
      mail: ['jana.keller2@muster.example'],
      title: ['Vertriebsinnendienst'],
      telephoneNumber: ['+49 221 4710-177'],
      manager: [expect.stringContaining('uid=markus.hoffmann,')],
    });
    expect(await groupsOf('jana.keller2')).toEqual([...new Set([...(await groupsOf('tobias.krueger')), 'erp'])].sort());
    const links = harness.sandbox.mail.mails.list((mail) => mail.to.includes('markus.hoffmann@muster.example'));
    expect(links.map((mail) => /\/hand-over\/[\w-]{43}/.test(mail.text))).toEqual([true]);
    expect(harness.sandbox.mail.mails.list((mail) => mail.to.includes('jana@privat.example'))[0]!.text).toContain(
      'jana.keller2@muster.example',
    );
  });

  it('is waited for by nobody else under the same name, and two at once get two names', async () => {
    const at = await now();
    const twin = { givenName: 'Zoë', surname: 'Zander', passwordTo: 'hr@muster.example', firstDayAt: await inDays(5) };
    const requests = await Promise.all([1, 2].map(() => harness.requestOf({ type: 'onboarding', wish: twin }, at)));
    const names = (await Promise.all(requests.map(planOf))).map((plan) => plan.subject.name);
    expect(names.sort()).toEqual(['zoe.zander', 'zoe.zander2']);
    for (const request of requests) await request.decide('reject');
    await Promise.all(requests.map((request) => request.handle.result()));
  });
});

describe('a mover', () => {
  it('has another department, manager and groups from the hour on', async () => {
    const user = 'daniel.fuchs';
    const at = await now();
    const request = await harness.requestOf(
      {
        type: 'mover',
        wish: {
          user,
          effectiveAt: await inDays(1),
          department: 'Buchhaltung',
          title: null,
          manager: 'heike.brandt',
          groups: { like: 'heike.brandt' },
        },
      },
      at,
    );
    expect(await carryOut(request)).toEqual({ set_attributes: 'succeeded', change_groups: 'already_in_desired_state' });
    const entry = await probe.entryOf(user);
    expect(entry).toMatchObject({ ou: ['Buchhaltung'], manager: [expect.stringContaining('uid=heike.brandt,')] });
    expect(entry['title']).toBeUndefined();
    expect(await groupsOf(user)).toEqual(await groupsOf('heike.brandt'));
  });

  it('gets and loses exactly the groups that are named', async () => {
    const user = 'nina.schroeder';
    const before = await groupsOf(user);
    const wish = { user, effectiveAt: await inDays(1), groups: { add: ['vpn'], remove: ['konstruktion'] } };
    const request = await harness.requestOf({ type: 'mover', wish }, await now());
    expect(await carryOut(request)).toEqual({ change_groups: 'succeeded' });
    expect(await groupsOf(user)).toEqual([...before.filter((group) => group !== 'konstruktion'), 'vpn'].sort());
  });
});

describe('somebody who is away', () => {
  it('is locked out on one day and is as before on another, by one run', async () => {
    const user = 'heike.brandt';
    const first = await probe.snapshot();
    const until = await inDays(3);
    const grant = {
      kind: 'forward_mail',
      to: 'oliver.stein@muster.example',
      purpose: 'Invoices',
      approver: 'petra.vogelsang',
      until: await inDays(2),
    } as const;
    const wish = {
      user,
      from: await inDays(1),
      until,
      steps: ['disable_sign_in', 'remove_from_groups'] as const,
      grants: [grant],
    };
    const request = await harness.requestOf({ type: 'absence', wish }, await now());
    const plan = await planOf(request);
    expect(plan.steps.find((step) => step.id === 'return_disable_sign_in')).toMatchObject({
      verb: 'undo',
      source: { runId: null, stepId: 'disable_sign_in' },
      effect: { changes: [] },
    });
    expect(plan.steps.find((step) => step.id === 'forward_mail')!.input).toMatchObject({
      purpose: 'Invoices',
      approver: 'petra.vogelsang',
    });
    expect(new Set(Object.values(await carryOut(request)))).toEqual(new Set(['succeeded']));
    const changed = (await request.steps()).map((step) => [step.step_id, step.before_image !== null]);
    expect(changed.every(([, wrote]) => wrote)).toBe(true);
    expect(diffSnapshots(first, await probe.snapshot())).toEqual([]);
  });
});

describe('a leaver whose work goes on', () => {
  const user = 'sebastian.jaeger';
  const folder = `files-${user}`;

  /** The group that opens the leaver's files, and the customer's word that it does. */
  async function openFiles(): Promise<void> {
    const { groupsOu, standInMember: member } = harness.sandbox.directories[TENANT]!.access;
    await probe.asAdministrator((client) =>
      client.add(`cn=${folder},${groupsOu}`, { objectClass: 'groupOfNames', cn: folder, member }),
    );
    const { admin } = harness.database;
    const setting = JSON.stringify({ dataAccessGroups: ['files-{user}'] });
    await admin
      .updateTable('systems')
      .set({ config: sql`config || ${setting}::jsonb` })
      .where('tenant_id', '=', TENANT)
      .where('name', '=', 'directory')
      .execute();
  }

  it('is answered for, and a colleague gets to the files, until the run ends both at their hours', async () => {
    await openFiles();
    const why = { purpose: 'Open orders', approver: 'petra.vogelsang' };
    const text = 'Guten Tag,\nbitte schreiben Sie an den Vertrieb.';
    const [answer, access] = [await inDays(2), await inDays(3)];
    const grants = [
      { kind: 'out_of_office', text, ...why, until: answer },
      { kind: 'data_access', to: 'nina.schroeder', ...why, until: access },
    ] as const;
    const wish = { user, lastWorkingAt: await inDays(1), steps: ['disable_sign_in'] as const, grants };
    const request = await harness.requestOf({ type: 'offboarding', wish }, await now());
    const plan = await planOf(request);
    expect(plan.steps.map(({ id, notBefore }) => [id, notBefore])).toEqual(
      expect.arrayContaining([
        ['end_out_of_office', new Date(answer).toISOString()],
        ['end_data_access', new Date(access).toISOString()],
      ]),
    );
    await request.decide('approve');
    await request.runIs('waiting');
    await environment.sleep('25 hours');
    await eventually('both are given', async () => {
      const { out_of_office: answered, data_access: given } = await request.outcomes();
      return answered !== null && given !== null;
    });
    expect((await request.runIs('waiting')).waiting_for).toMatchObject({ kind: 'time' });
    expect((await probe.entryOf(user))['outOfOfficeText']).toEqual([text]);
    expect(await groupsOf('nina.schroeder')).toContain(folder);

    await environment.client.workflow.getHandle(request.handle.workflowId).result();
    expect(await request.outcomes()).toMatchObject({
      out_of_office: 'succeeded',
      end_out_of_office: 'succeeded',
      data_access: 'succeeded',
      end_data_access: 'succeeded',
    });
    expect((await probe.entryOf(user))['outOfOfficeText']).toBeUndefined();
    expect(await groupsOf('nina.schroeder')).not.toContain(folder);
    expect((await probe.entryOf(user))['pwdAccountLockedTime']).toBeDefined();
  });
});
