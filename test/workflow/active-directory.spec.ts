import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { newId, type Effect } from '#libs/kernel';
import type { OutboxHint } from '#libs/platform/outbox';
import { decisionSignal } from '#workflows';
import { ConfirmPlan } from '../../apps/api/requests/confirm-plan.js';
import { DecidePlan } from '../../apps/api/requests/decide-plan.js';
import { diffSnapshots, snapshotDirectory } from '../../tools/sandbox/index.js';
import {
  DOMAIN_TENANT,
  startProcessHarness,
  type ProcessHarness,
  type SubmittedRequest,
} from '../support/process-harness.js';
import { leaveTimeToTheServer, startTimeSkipping } from '../support/time-skipping.js';
import { mspActor } from '../support/actor.factory.js';

/** The processes whole against a domain controller, on the time-skipping server. */
let environment: TestWorkflowEnvironment;
let harness: ProcessHarness;

beforeAll(async () => {
  environment = await startTimeSkipping();
  const server = { temporalAddress: environment.address, temporalNamespace: 'default' };
  harness = await startProcessHarness({ ...server, tenant: DOMAIN_TENANT });
  await leaveTimeToTheServer(harness.database);
});
afterAll(async () => {
  await harness?.stop();
  await environment?.teardown();
});

const now = async (): Promise<Date> => new Date(await environment.currentTimeMs());
const inDays = async (days: number): Promise<string> =>
  new Date((await now()).getTime() + days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');

function snapshot() {
  const { access } = harness.sandbox.directories.nordlicht!;
  return snapshotDirectory({ ...access, bindDn: access.rootDn, password: access.rootPassword });
}

async function entryOf(user: string): Promise<{ dn: string; [attribute: string]: readonly string[] | string }> {
  const found = Object.entries(await snapshot()).find(([, entry]) => entry['sAMAccountName']?.[0] === user);
  if (!found) throw new Error(`${user} is not in the domain`);
  return { ...found[1], dn: found[0] };
}

/** The names of the groups that list somebody as a member. */
async function groupsOf(user: string): Promise<readonly string[]> {
  const entries = Object.values(await snapshot());
  const { dn } = await entryOf(user);
  return entries.flatMap(({ member = [], cn = [] }) => (member.includes(dn) ? cn : [])).sort();
}

/** Approves, and lets the time run until the run has ended. */
async function carryOut(request: SubmittedRequest): Promise<ReadonlySet<string | null>> {
  await request.decide('approve');
  await request.runIs('running', 'waiting', 'completed');
  await environment.client.workflow.getHandle(request.handle.workflowId).result();
  return new Set(Object.values(await request.outcomes()));
}

const SUCCEEDED = new Set(['succeeded']);

describe('in a domain', () => {
  it('a joiner gets an account that opens at the first hour, and no rights of an administrator', async () => {
    const wish = {
      givenName: 'Wiebke',
      surname: 'Jansen',
      domain: 'nordlicht.example',
      department: 'Onlineshop',
      usageLocation: 'DE',
      manager: 'henrike.petersen',
      copyGroupsFrom: 'emma.whitfield',
      groups: ['messe'],
      passwordTo: 'emma.whitfield@nordlicht.example',
      firstDayAt: await inDays(0),
    };
    const request = await harness.requestOf({ type: 'onboarding', wish }, await now());
    expect(await carryOut(request)).toEqual(SUCCEEDED);
    expect(await entryOf('wiebke.jansen')).toMatchObject({
      userPrincipalName: ['wiebke.jansen@nordlicht.example'],
      userAccountControl: ['512'],
      department: ['Onlineshop'],
      c: ['DE'],
      manager: [expect.stringContaining('CN=Henrike Petersen,')],
    });
    expect(await groupsOf('wiebke.jansen')).toEqual(['messe', 'shop', 'team', 'vpn']);
    const mails = harness.sandbox.mail.mails.list((mail) => mail.to.includes(wish.passwordTo));
    expect(mails.map((mail) => /\/hand-over\/[\w-]{43}/.test(mail.text))).toEqual([true]);
  });

  it('a mover has another department, manager and groups from the hour on', async () => {
    const wish = {
      user: 'lars.thoennes',
      effectiveAt: await inDays(0),
      department: 'Logistik',
      manager: 'inga.huelsmann',
      groups: { add: ['lager'], remove: ['handel'] },
    };
    const request = await harness.requestOf({ type: 'mover', wish }, await now());
    expect(await carryOut(request)).toEqual(SUCCEEDED);
    expect(await entryOf(wish.user)).toMatchObject({
      department: ['Logistik'],
      manager: [expect.stringContaining('CN=Inga Hülsmann,')],
    });
    expect(await groupsOf(wish.user)).toEqual(['lager', 'team']);
  });

  it('somebody who is away comes back to everything, the primary group included', async () => {
    const before = await snapshot();
    const steps = ['disable_sign_in', 'remove_from_groups'] as const;
    const wish = { user: 'momme.claussen', from: await inDays(0), until: await inDays(1), steps };
    const request = await harness.requestOf({ type: 'absence', wish }, await now());
    expect(await carryOut(request)).toEqual(SUCCEEDED);
    const away = (await request.steps()).find((step) => step.step_id === 'remove_from_groups')!;
    expect((away.before_image as Effect).changes).toEqual(
      expect.arrayContaining([expect.objectContaining({ field: 'primaryGroupID', after: '513' })]),
    );
    expect(diffSnapshots(before, await snapshot())).toEqual([]);
  });
});

describe('a leaver who is an administrator through two groups', () => {
  const NO_HINT = { give: () => undefined } as unknown as OutboxHint;
  const writer = (subject: string) => ({
    actor: mspActor('owner', subject, [DOMAIN_TENANT]),
    tenant: DOMAIN_TENANT,
  });

  it('stays until a second person has confirmed the approval', async () => {
    const user = 'emma.whitfield';
    const request = await harness.submit({ user, steps: ['disable_sign_in', 'remove_from_groups'] });
    const { waiting_for: waiting, plan_hash: planHash } = await request.status('awaiting_approval');
    expect(waiting).toMatchObject({ secondPerson: [{ code: 'directory.user_privileged' }] });
    const given = { decision: 'approve', planHash: planHash! } as const;
    const held = await new DecidePlan(harness.api, NO_HINT).execute(writer('owner@msp'), request.id, given);
    const reasons = [{ code: 'directory.user_privileged', text: expect.stringContaining('Domain Admins') }];
    expect(held).toMatchObject({ status: 'awaiting_approval', waitingFor: { kind: 'second_person', reasons } });
    // told too early, the worker asks the record
    const approval = { decision: 'approve', revision: 1, planHash: planHash! } as const;
    await request.handle.signal(decisionSignal, { ...approval, eventId: newId() });
    const confirm = new ConfirmPlan(harness.api, NO_HINT);
    await expect(confirm.execute(writer('owner@msp'), request.id, { planHash: planHash! })).rejects.toMatchObject({
      code: 'confirmation.decider_cannot_confirm',
    });
    expect(await request.row()).toMatchObject({ status: 'awaiting_approval', run_id: null });
    expect(await entryOf(user)).toMatchObject({ userAccountControl: ['512'] });

    await confirm.execute(writer('deputy@msp'), request.id, { planHash: planHash! });
    await request.handle.signal(decisionSignal, { ...approval, eventId: newId() });
    await request.status('closed');
    expect(new Set(Object.values(await request.outcomes()))).toEqual(SUCCEEDED);
    expect(await entryOf(user)).toMatchObject({ userAccountControl: ['514'] });
    expect(await groupsOf(user)).toEqual([]);
    const approved = (await request.timeline()).find((line) => line.kind === 'approved')!;
    expect(approved.data).toMatchObject({ confirmedBy: ['deputy@msp'] });
  });
});
