import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '#libs/kernel';
import { needed } from './demo-system.js';
import { readDevelopment } from './development.js';
import { Report } from './report.js';
import { SlaWorld, until, type EscalationSeen } from './sla-world.js';

/**
 * Tickets with targets of seconds walk through warning, breach and a chain of three levels with real mails, while worker,
 * Temporal and Kafka are killed with a mail in flight. Exits 0 only when everybody was told in time: 2 s after it was due
 * while all servers are up, 15 s after they are ready again for what fell due, or was in flight, meanwhile.
 */
const TARGET_SECONDS = 2;
const WAIT_SECONDS = 1.5;
const ON_TIME_MS = 2_000;
const AFTER_OUTAGE_MS = 15_000;
const LEVELS = 3;

/** When a server was dead, until all were ready again. */
interface Outage {
  readonly server: string;
  readonly from: number;
  readonly to: number;
}

interface Lateness {
  readonly ticket: number;
  readonly level: number;
  readonly dueAt: string;
  readonly lateMs: number;
  /** After which outage; null: none. */
  readonly after: string | null;
  readonly mails: number;
  readonly ok: boolean;
}

const report = new Report();
const world = new SlaWorld(readDevelopment(needed('STELLWERK_DEV_JSON')), needed('STELLWERK_RUN_DIR'));
const outages: Outage[] = [];
const lateness: Lateness[] = [];
let levels: readonly string[] = [];

let failure: string | null = null;
try {
  await play();
} catch (error) {
  failure = error instanceof Error ? error.message : String(error);
  report.say(`✘ ${failure}`);
} finally {
  await world.end();
}
const failed = report.checks.filter((check) => !check.ok);
const ok = failure === null && failed.length === 0;
const seconds = Math.round(report.seconds());
console.log(JSON.stringify({ demo: 'sla', ok, checks: report.checks.length, failed, failure, lateness, seconds }));
process.exitCode = ok ? 0 : 1;

async function play(): Promise<void> {
  await prepare();
  report.say('all servers are up: two tickets, nobody answers them');
  await follow(await open(2));
  for (const server of ['worker', 'temporal', 'kafka']) await playOutage(server);
  await acknowledge();
}

/** A tier of seconds, three people, and a chain that tells one after the other. */
async function prepare(): Promise<void> {
  await world.begin();
  // her mail server takes its time: that is when a server is killed
  levels = [await world.person('slow.erna'), await world.person('zoe'), await world.person('chef')];
  const steps = levels.flatMap((subject) => [
    { kind: 'notify', receivers: [{ kind: 'person', subject }] },
    { kind: 'wait', minutes: WAIT_SECONDS / 60 },
  ]);
  await world.msp.call('PUT', '/v1/sla/chains/demo', { steps: steps.slice(0, -1) });
  const triggers = [{ on: 'breach', clock: 'first_response', chain: 'demo' }];
  await world.msp.call('PUT', '/v1/sla/escalation-triggers', { triggers });
  const line = { targets: { first_response: TARGET_SECONDS / 60, resolution: 480, update: null }, calendar: 'always' };
  await world.msp.call('PUT', '/v1/sla/policies/seconds', { lines: [line] });
  await world.msp.call('PUT', '/v1/sla/tier', { tier: 'seconds' });
  report.say(`${world.customer} is promised an answer in ${TARGET_SECONDS} s; the chain has ${LEVELS} levels`);
}

interface Ticket {
  readonly id: string;
  readonly number: number;
}

async function open(count: number): Promise<readonly Ticket[]> {
  const tickets: Ticket[] = [];
  for (let i = 0; i < count; i++) tickets.push(await world.openTicket(`Nobody answers (${i + 1})`));
  return tickets;
}

/** Kills a server while a mail is in flight, with another ticket whose clock runs out meanwhile. */
async function playOutage(server: string): Promise<void> {
  const [inFlight] = await open(1);
  await until('a mail is in flight', () => world.isTelling(inFlight!.id), 30);
  const [meanwhile] = await open(1);
  const from = systemClock.now().getTime();
  const pid = world.kill(server);
  report.say(`${server} ${pid} killed by SIGKILL with a mail in flight; the supervisor starts it again`);
  const to = await world.ready(server, pid);
  outages.push({ server, from, to });
  report.say(`all are ready again after ${((to - from) / 1000).toFixed(1)} s`);
  await follow([inFlight!, meanwhile!]);
}

/** Follows tickets until everybody of their chains was told, and judges when. */
async function follow(tickets: readonly Ticket[]): Promise<void> {
  for (const ticket of tickets) {
    await until(`everybody is told of ticket ${ticket.number}`, () => isToldToAll(ticket), 60);
    const marks = await world.marksOf(ticket.id);
    const kinds = marks.map(({ mark }) => mark).join(', ');
    report.check(
      `ticket ${ticket.number} has warning and breach on record, once each`,
      kinds === 'warning, breach',
      kinds,
    );
    for (const [level, subject] of levels.entries()) await judge(ticket, level, subject);
  }
}

async function isToldToAll({ id }: Ticket): Promise<boolean> {
  const seen = await world.escalationOf(id);
  return seen !== null && seen.notifications.filter(({ status }) => status === 'sent').length === LEVELS;
}

async function judge({ id, number }: Ticket, level: number, subject: string): Promise<void> {
  const seen = (await world.escalationOf(id))!;
  const told = seen.notifications.filter(({ recipient }) => recipient === subject);
  const mails = (await world.mails(subject)).filter(({ messageId }) => told.some((one) => messageId.includes(one.id)));
  const [notification] = told;
  if (told.length !== 1 || !notification || mails.length === 0) {
    report.check(`level ${level + 1} of ticket ${number} was told`, false, { told, mails: mails.length });
    return;
  }
  const dueAt = Date.parse(notification.dueAt);
  const arrivedAt = Math.min(...mails.map(({ receivedAt }) => Date.parse(receivedAt)));
  const outage = outages.find(({ from, to }) => dueAt <= to && lastEnd(seen, subject) >= from);
  const limit = outage ? Math.max(outage.to, dueAt) + AFTER_OUTAGE_MS : dueAt + ON_TIME_MS;
  const lateMs = arrivedAt - dueAt;
  const isOk = arrivedAt <= limit;
  const after = outage?.server ?? null;
  lateness.push({
    ticket: number,
    level: level + 1,
    dueAt: notification.dueAt,
    lateMs,
    after,
    mails: mails.length,
    ok: isOk,
  });
  const sinceReady = outage ? (arrivedAt - outage.to) / 1000 : null;
  const when =
    sinceReady === null
      ? ''
      : sinceReady > 0
        ? `, ${sinceReady.toFixed(1)} s after ${after} was ready again`
        : `, while ${after} was dead`;
  const repeats = mails.length > 1 ? `, ${mails.length} times under one Message-ID` : '';
  report.check(
    `level ${level + 1} of ticket ${number} was told ${(lateMs / 1000).toFixed(2)} s after it was due${when}${repeats}`,
    isOk,
    lateMs,
  );
}

function lastEnd({ notifications }: EscalationSeen, subject: string): number {
  const ends = notifications
    .filter(({ recipient }) => recipient === subject)
    .flatMap(({ attempts }) => attempts.flatMap(({ endedAt }) => (endedAt === null ? [] : [Date.parse(endedAt)])));
  return Math.max(...ends);
}

/** Whoever is told first acknowledges by the link in the mail: nobody else is told. */
async function acknowledge(): Promise<void> {
  const [ticket] = await open(1);
  const subject = levels[0]!;
  const before = (await world.mails(subject)).length;
  await until('the first mail comes', async () => (await world.mails(subject)).length > before, 30);
  const text = (await world.mails(subject)).at(-1)!.text;
  const link = /https?:\/\/\S+\/links\/escalation\/\S+/.exec(text)![0];
  report.check('the link’s page is shown', (await fetch(link)).status === 200);
  report.check('fetching it acknowledges nothing', (await world.escalationOf(ticket!.id))!.status === 'running');
  const { status } = await fetch(link, {
    method: 'POST',
    headers: { origin: new URL(link).origin },
    body: new URLSearchParams({ act: 'acknowledge' }),
  });
  report.check('its button acknowledges', status === 200, status);
  const then = (await world.escalationOf(ticket!.id))!.notifications.length;
  await pause((WAIT_SECONDS + 1.5) * 1000);
  const seen = (await world.escalationOf(ticket!.id))!;
  report.check(
    'the chain stands still',
    seen.status === 'acknowledged' && seen.acknowledgedBy === subject,
    seen.status,
  );
  report.check(
    'nobody is told any more',
    seen.notifications.length === then && then < LEVELS,
    seen.notifications.length,
  );
}
