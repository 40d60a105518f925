import process from 'node:process';
import { Client } from 'ldapts';
import { systemClock } from '#libs/kernel';
import { diffSnapshots, type DirectorySnapshot } from '../sandbox/index.js';
import { DemoSystem, entryOf, groupsOf, needed, TENANT } from './demo-system.js';
import { readDevelopment, readPid, readSandbox } from './development.js';
import { Report } from './report.js';
import { StellwerkClient, type RequestView, type RunView } from './stellwerk-client.js';

/**
 * A joiner in one go: submitted, planned, approved and on-boarded while the worker is killed behind a write that the
 * directory has carried out; the first password is collected by its one-time link and opens the account; then everything
 * is taken back. Exits 0 only when all of it was verified by reading the directory itself.
 */
const LEAD_SECONDS = 8;
const HOLD_SECONDS = 45;
const COLLEAGUE = 'tobias.krueger';
const MANAGER = 'markus.hoffmann';
const JOINER = { givenName: 'Mara', surname: 'Groß' };

const development = readDevelopment(needed('STELLWERK_DEV_JSON'));
const runDir = needed('STELLWERK_RUN_DIR');
const system = new DemoSystem(development);
const report = new Report();
const as = (role: string): StellwerkClient => new StellwerkClient(development.api, development.keys[TENANT]![role]!);
const started = systemClock.now().getTime();
/** Nobody else gets mail there, so that this run's link is the only one. */
const receiver = `leitung.${started}@muster.example`;
const welcomed = `mara.${started}@privat.example`;

let failure: string | null = null;
try {
  await play();
} catch (error) {
  failure = error instanceof Error ? error.message : String(error);
  report.say(`✘ ${failure}`);
} finally {
  await system.gate('DELETE', 'hold').catch(() => undefined);
}
const failed = report.checks.filter((check) => !check.ok);
const ok = failure === null && failed.length === 0;
const seconds = Math.round(report.seconds());
console.log(JSON.stringify({ demo: 'onboarding', ok, checks: report.checks.length, failed, failure, seconds }));
process.exitCode = ok ? 0 : 1;

async function play(): Promise<void> {
  const first = await system.readDirectory();
  const request = await submit();
  const plan = await as('requester').plan(request.id);
  const user = plan.user!;
  report.say(`the plan, for the user name ${user}:`);
  report.plan(plan);
  report.check('nobody has the user name yet', entryOf(first, user) === null, user);
  await system.gate('POST', 'hold', { afterWrites: 1, attribute: 'member' });
  await as('approver').decide(request.id, 'approve', plan.planHash);
  report.say('approved by approver@muster; the next but one group write’s answer will be held back');
  await killBehindWrite(request.id);
  await as('customer_admin').act(request.id, {
    act: 'complete',
    stepId: 'equipment_1',
    reason: 'The notebook is ready.',
  });
  report.say('customer_admin@muster says that the notebook is ready');
  const closed = await as('requester').untilStatus(request.id, ['closed'], 120);
  const run = await as('requester').run(closed.runId!);
  await verifyOnboarded(run, first, user);
  await collectPassword(user);
  await takeBack(run.id, first, user);
}

async function submit(): Promise<RequestView> {
  const { id, status } = await as('requester').submit({
    type: 'onboarding',
    ...JOINER,
    firstDayAt: new Date(systemClock.now().getTime() + LEAD_SECONDS * 1000).toISOString(),
    domain: 'muster.example',
    title: 'Außendienst West',
    department: 'Vertrieb',
    businessPhones: ['+49 221 4710-166'],
    manager: MANAGER,
    copyGroupsFrom: COLLEAGUE,
    groups: ['erp'],
    equipment: ['Notebook'],
    passwordTo: receiver,
    welcomeMailTo: welcomed,
    reference: 'DEMO-2',
  });
  report.say(`requester@muster submitted the joiner ${JOINER.givenName} ${JOINER.surname}: request ${id} is ${status}`);
  return as('requester').untilStatus(id, ['awaiting_approval']);
}

/** Kills the worker while the directory has done a write that the worker has no answer to, with steps left. */
async function killBehindWrite(requestId: string): Promise<void> {
  const held = await system.gate<{ state: string; dn: string }>('GET', `hold?wait=${HOLD_SECONDS}`);
  report.check('the directory carried out a write whose answer is held back', held.state === 'holding', held);
  const { runId } = await as('requester').request(requestId);
  const { steps } = await as('requester').run(runId!);
  report.check(
    'the entry was made before the kill',
    steps.some(({ id, outcome }) => id === 'create_user' && outcome === 'succeeded'),
    steps,
  );
  report.check(
    'steps were left at the kill',
    steps.some(({ status }) => status === 'pending'),
    steps,
  );
  const pid = readPid(runDir, 'worker');
  process.kill(pid, 'SIGKILL');
  report.say(`worker ${pid} killed by SIGKILL behind the write to ${held.dn}; the supervisor starts it again`);
  await system.gate('DELETE', 'hold?answer=drop');
}

async function verifyOnboarded(run: RunView, first: DirectorySnapshot, user: string): Promise<void> {
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
  report.say('the directory, read directly:');
  for (const line of diffSnapshots(first, after)) console.log(`          ${line}`);
  const entry = entryOf(after, user);
  const { dn = '', attributes = {} } = entry ?? {};
  report.check('the joiner has an entry among the people', dn.includes('ou=people'), dn);
  report.check(
    'with the mail address of the user name',
    attributes['mail']?.[0] === `${user}@muster.example`,
    attributes,
  );
  report.check(
    'with the manager',
    attributes['manager']?.[0]?.includes(`uid=${MANAGER},`) === true,
    attributes['manager'],
  );
  report.check('whose sign-in is open', attributes['pwdAccountLockedTime'] === undefined, attributes);
  const wanted = [...new Set([...groupsOf(after, entryOf(after, COLLEAGUE)!.dn), 'erp'])].sort();
  report.check(
    'in the colleague’s groups and the named one',
    groupsOf(after, dn).join() === wanted.join(),
    groupsOf(after, dn),
  );
  const [welcome] = await system.mailsTo(welcomed);
  report.check('the welcome mail says the user name', welcome?.text.includes(user) === true, welcome);
}

/** As the receiver does: opens the link of the mail, presses the button, and signs in. */
async function collectPassword(user: string): Promise<void> {
  const mails = await system.mailsTo(receiver);
  const link = /https?:\/\/\S+\/hand-over\/[\w-]+/.exec(mails[0]?.text ?? '')?.[0];
  report.check('one mail brought a one-time link', mails.length === 1 && link !== undefined, mails.length);
  if (!link) return;
  const page = await (await fetch(link)).text();
  report.check('opening the link shows no password yet', !page.includes('<output'));
  const password = /<output[^>]*>([^<]+)<\/output>/.exec(await (await fetch(link, { method: 'POST' })).text())?.[1];
  report.check('its button shows the password', password !== undefined);
  report.check('and shows it once', (await fetch(link, { method: 'POST' })).status === 410);
  report.check('the first password opens the account', password !== undefined && (await canSignIn(user, password)));
}

async function canSignIn(user: string, password: string): Promise<boolean> {
  const sandbox = await readSandbox(development);
  const { dn } = entryOf(await system.readDirectory(), user)!;
  const client = new Client({ url: sandbox.tenants[TENANT]!.url, timeout: 5_000, connectTimeout: 5_000 });
  try {
    await client.bind(dn, unescaped(password));
    return true;
  } catch {
    return false;
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

/** A page writes some characters as references. */
function unescaped(text: string): string {
  const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_reference, name: string) => names[name]!);
}

async function takeBack(runId: string, first: DirectorySnapshot, user: string): Promise<void> {
  const { id } = await as('customer_admin').reinstate(runId, { reason: 'She does not come.' });
  await as('customer_admin').untilStatus(id, ['awaiting_approval']);
  const plan = await as('customer_admin').plan(id);
  report.say('the plan to take it back:');
  report.plan(plan);
  await as('approver').decide(id, 'approve', plan.planHash);
  const closed = await as('customer_admin').untilStatus(id, ['closed'], 90);
  const run = await as('customer_admin').run(closed.runId!);
  report.timeline(run);
  report.check('taking back completed', run.status === 'completed', run.steps);
  const last = await system.readDirectory();
  report.check('the joiner’s entry is gone', entryOf(last, user) === null, user);
  report.check(
    'the directory equals its first state',
    diffSnapshots(first, last).length === 0,
    diffSnapshots(first, last),
  );
}
