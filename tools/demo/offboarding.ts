import process from 'node:process';
import { Attribute, Change, Client } from 'ldapts';
import { systemClock } from '#libs/kernel';
import { diffSnapshots, initialPassword, type DirectorySnapshot } from '../sandbox/index.js';
import { DemoSystem, entryOf as findEntry, groupsOf, needed, TENANT } from './demo-system.js';
import { readDevelopment, readPid, readSandbox } from './development.js';
import { MailedApproval } from './mailed-approval.js';
import { Report } from './report.js';
import { SignedIn } from './sign-in.js';
import {
  StellwerkClient,
  UnexpectedAnswer,
  type PlanView,
  type RequestView,
  type RunView,
} from './stellwerk-client.js';

/**
 * The main job in one go: people of the customer sign in at their own issuer; a leaver is submitted, planned, approved by
 * the link in a mail and off-boarded while the worker is killed behind a write that the directory has carried out; then the
 * leaver is reinstated. Exits 0 only when all of it was verified by reading the directory itself.
 */
/** The first of them who is still at work: each has several groups. */
const CANDIDATES = ['jana.keller', 'daniel.fuchs', 'heike.brandt', 'oliver.stein'];
const LEAD_SECONDS = 6;
const HOLD_SECONDS = 45;

const development = readDevelopment(needed('STELLWERK_DEV_JSON'));
const runDir = needed('STELLWERK_RUN_DIR');
const system = new DemoSystem(development);
const report = new Report();
/** The customer's people, by what they do: each is signed in once. */
const PEOPLE = {
  requester: 'sabine.uebelacker',
  approver: 'markus.hoffmann',
  customer_admin: 'petra.vogelsang',
} as const;
type Part = keyof typeof PEOPLE;
const clients = new Map<Part, StellwerkClient>();
const as = (part: Part): StellwerkClient => clients.get(part)!;
/** Somebody without an account; nobody else gets mail there, so that this run's link is the only one. */
const contact = {
  kind: 'contact',
  name: 'Ilse Roth',
  mail: `ilse.roth.${systemClock.now().getTime()}@muster.example`,
  language: 'de',
};

let leaver = '';
let failure: string | null = null;
try {
  await play();
} catch (error) {
  failure = error instanceof Error ? error.message : String(error);
  report.say(`✘ ${failure}`);
} finally {
  await system.gate('DELETE', 'hold').catch(() => undefined);
}
const ok = failure === null && report.checks.every((check) => check.ok);
const failed = report.checks.filter((check) => !check.ok);
console.log(
  JSON.stringify({
    demo: 'offboarding',
    ok,
    checks: report.checks.length,
    failed,
    failure,
    seconds: Math.round(report.seconds()),
  }),
);
process.exitCode = ok ? 0 : 1;

async function play(): Promise<void> {
  const first = await system.readDirectory();
  leaver = chooseLeaver(first);
  await givePassword(first);
  await signIn();
  const before = await as('customer_admin').approvalPolicy('offboarding');
  await as('customer_admin').putApprovalPolicy('offboarding', policyOfContact());
  report.say(`${PEOPLE.customer_admin} says: off-boardings are approved by ${contact.name}, who has no account`);
  try {
    await offboard(first);
  } finally {
    await as('customer_admin').putApprovalPolicy('offboarding', before.policy);
  }
}

async function offboard(first: DirectorySnapshot): Promise<void> {
  const request = await submit();
  report.check('the leaver’s first password works before', await canSignIn(first));
  const plan = await as('requester').plan(request.id);
  report.say('the plan:');
  report.plan(plan);
  await system.gate('POST', 'hold', { afterWrites: 1, attribute: 'member' });
  await approve(request.id, plan);
  report.say(`approved by ${contact.name}; the next but one group write’s answer will be held back`);
  await killBehindWrite(request.id);
  const closed = await as('requester').untilStatus(request.id, ['closed'], 120);
  const run = await as('requester').run(closed.runId!);
  await verifyOffboarded(run, first, request.id);
  await reinstate(run.id, first);
}

/** Everybody signs in at the company's own issuer; what they may do comes from their groups there. */
async function signIn(): Promise<void> {
  for (const [part, user] of Object.entries(PEOPLE) as [Part, string][]) {
    const client = new StellwerkClient(development.api, await SignedIn.as(development.api, user));
    const { subject, roles } = await client.me();
    report.check(
      `${subject} is signed in as ${part}`,
      roles.some(({ role }) => role === part),
      roles,
    );
    clients.set(part, client);
  }
}

function policyOfContact(): object {
  const stage = { approvers: [contact], needed: 1, rejections: 1 };
  return { stages: [stage], expiry: null, reminders: { everyHours: 24, atMost: 2 }, escalation: null };
}

/** Whoever requested it may not approve, a scanner's visit changes nothing, and a person's press of the button decides. */
async function approve(requestId: string, plan: PlanView): Promise<void> {
  const refused = await as('requester')
    .decide(requestId, 'approve', plan.planHash)
    .catch((error: unknown) => error);
  const isRefused = refused instanceof UnexpectedAnswer && refused.status === 403;
  report.check('whoever requested it may not approve', isRefused, refused);
  const mailed = await MailedApproval.to(system, contact.mail);
  await mailed.scan();
  const { status } = await as('requester').request(requestId);
  report.check('fetching the mail’s link four times changes nothing', status === 'awaiting_approval', status);
  const page = await mailed.page('de');
  report.check('its page shows the plan, in German', page.includes(leaver) && page.includes('lang="de"'), page);
  report.check('its button approves', (await mailed.press('approve')) === 200);
  report.check('the used link approves nothing more, and says so', (await mailed.press('approve')) === 410);
}

async function submit(): Promise<RequestView> {
  const body = {
    type: 'offboarding',
    user: leaver,
    lastWorkingAt: new Date(systemClock.now().getTime() + LEAD_SECONDS * 1000).toISOString(),
    reference: 'DEMO-1',
    notify: { mail: ['personal@muster.example'], webhook: `${development.hooks}/offboarding` },
  };
  const { id, status } = await as('requester').submit(body);
  report.say(`${PEOPLE.requester} submitted the leaver ${leaver}: request ${id} is ${status}`);
  return as('requester').untilStatus(id, ['awaiting_approval']);
}

/** Kills the worker while the directory has done a write that the worker has no answer to, with steps left. */
async function killBehindWrite(requestId: string): Promise<void> {
  const held = await system.gate<{ state: string; dn: string }>('GET', `hold?wait=${HOLD_SECONDS}`);
  report.check('the directory carried out a write whose answer is held back', held.state === 'holding', held);
  const { runId } = await as('requester').request(requestId);
  const during = await as('requester').run(runId!);
  report.check(
    'steps were done before the kill',
    during.steps.some((step) => step.outcome === 'succeeded'),
    during.steps,
  );
  report.check(
    'steps were left at the kill',
    during.steps.some((step) => step.status === 'pending'),
    during.steps,
  );
  const pid = readPid(runDir, 'worker');
  process.kill(pid, 'SIGKILL');
  report.say(`worker ${pid} killed by SIGKILL behind the write to ${held.dn}; the supervisor starts it again`);
  await system.gate('DELETE', 'hold?answer=drop');
}

async function verifyOffboarded(run: RunView, first: DirectorySnapshot, requestId: string): Promise<void> {
  report.say('the run’s history:');
  report.timeline(run);
  report.check('the run completed', run.status === 'completed', run.status);
  report.check(
    'every step succeeded',
    run.steps.every((step) => step.outcome === 'succeeded'),
    run.steps,
  );
  report.check(
    'a step was taken up again after the kill',
    run.steps.some((step) => step.attempt > 1),
    run.steps,
  );
  const after = await system.readDirectory();
  const entry = entryOf(after);
  report.say('the directory, read directly:');
  for (const line of diffSnapshots(first, after)) console.log(`          ${line}`);
  report.check('the leaver is in the leavers’ unit', entry.dn.includes('ou=leavers'), entry.dn);
  report.check(
    'sign-in is disabled',
    entry.attributes['pwdAccountLockedTime']?.[0] === '000001010000Z',
    entry.attributes,
  );
  report.check('the leaver is in no group', groupsOf(after, entry.dn).length === 0, groupsOf(after, entry.dn));
  report.check(
    'the phone numbers are gone',
    !entry.attributes['telephoneNumber'] && !entry.attributes['mobile'],
    entry.attributes,
  );
  report.check('the first password no longer works', !(await canSignIn(after)));
  const mails = await system.json<unknown[]>(`${development.mail.received}?to=personal@muster.example`);
  const mine = mails.filter((mail) => JSON.stringify(mail).includes(run.id));
  report.check('the mail arrived', mine.length >= 1, mails.length);
  const calls = await system.json<unknown[]>(`${development.sandbox}/hooks?name=offboarding`);
  report.check(
    'the webhook was called with its idempotency key',
    calls.some((call) => JSON.stringify(call).includes(run.id)),
    calls.length,
  );
  report.check('the request is closed', (await as('requester').request(requestId)).status === 'closed');
}

async function reinstate(runId: string, first: DirectorySnapshot): Promise<void> {
  const { id } = await as('customer_admin').reinstate(runId, { reason: 'She stays.' });
  await as('customer_admin').untilStatus(id, ['awaiting_approval']);
  const plan = await as('customer_admin').plan(id);
  report.say('the plan to reinstate:');
  report.plan(plan);
  await as('approver').decide(id, 'approve', plan.planHash);
  const closed = await as('customer_admin').untilStatus(id, ['closed'], 90);
  const run = await as('customer_admin').run(closed.runId!);
  report.timeline(run);
  report.check('the reinstatement completed', run.status === 'completed', run.steps);
  const last = await system.readDirectory();
  report.check(
    'the directory equals its first state in all but the password',
    diffSnapshots(first, last).length === 0,
    diffSnapshots(first, last),
  );
  report.check('the first password stays dead: the user got a new one', !(await canSignIn(last)));
}

function entryOf(snapshot: DirectorySnapshot): { dn: string; attributes: Readonly<Record<string, string[]>> } {
  const found = findEntry(snapshot, leaver);
  if (!found) throw new Error(`${leaver} is not in the directory`);
  return found;
}

function chooseLeaver(snapshot: DirectorySnapshot): string {
  const atWork = (uid: string): boolean =>
    Object.entries(snapshot).some(
      ([dn, entry]) => entry['uid']?.[0] === uid && dn.includes('ou=people') && !entry['pwdAccountLockedTime'],
    );
  const found = CANDIDATES.find(atWork);
  if (!found) throw new Error('Every leaver of this demo is off-boarded already. Run: npm run stack -- reset');
  return found;
}

/** An earlier demo gave the leaver a new password that nobody knows: start from a known one. */
async function givePassword(snapshot: DirectorySnapshot): Promise<void> {
  const { url, bindDn, password } = development.directories[TENANT]!;
  const client = new Client({ url, timeout: 5_000, connectTimeout: 5_000 });
  try {
    await client.bind(bindDn, password);
    const values = [initialPassword(TENANT, leaver)];
    await client.modify(
      entryOf(snapshot).dn,
      new Change({ operation: 'replace', modification: new Attribute({ type: 'userPassword', values }) }),
    );
  } finally {
    await client.unbind();
  }
}

/** Whether the password that the sandbox gave the leaver still opens the account. */
async function canSignIn(snapshot: DirectorySnapshot): Promise<boolean> {
  const sandbox = await readSandbox(development);
  const client = new Client({ url: sandbox.tenants[TENANT]!.url, timeout: 5_000, connectTimeout: 5_000 });
  try {
    await client.bind(entryOf(snapshot).dn, initialPassword(TENANT, leaver));
    return true;
  } catch {
    return false;
  } finally {
    await client.unbind().catch(() => undefined);
  }
}
