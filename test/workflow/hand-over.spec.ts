import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'ldapts';
import { pino } from 'pino';
import { blocks } from '#libs/connectors';
import { topics } from '#libs/events';
import { systemClock } from '#libs/kernel';
import { openDatabase } from '#libs/platform/database';
import { FileSecrets, OneTimeLinks, openKeyRing, SealedValues } from '#libs/platform/secrets';
import { StepCompensation, StepSystems } from '#libs/process';
import type { Plan } from '#libs/process/model';
import { startApi, type RunningApi } from '../../apps/api/create-api.js';
import { startBridge, type RunningBridge } from '../../apps/bridge/create-bridge.js';
import { DirectoryProbe } from '../support/directory-probe.js';
import { eventually } from '../support/eventually.js';
import { openEventLog, tapTopics, type TopicTap } from '../support/kafka.js';
import { startProcessHarness, TENANT, type ProcessHarness, type SubmittedRequest } from '../support/process-harness.js';
import { holdersOf, wholeDatabase } from '../support/secret-search.js';

const RECEIVER = 'jana@privat.example';

let harness: ProcessHarness;
let api: RunningApi;
let bridge: RunningBridge;
let tap: TopicTap;
const log: string[] = [];
const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
const probe = new DirectoryProbe(() => harness.sandbox.directories[TENANT]!);

beforeAll(async () => {
  harness = await startProcessHarness({ logger });
  const { http, kafka, masterKeys, secretsFile, publicUrl, cores } = harness.config;
  const database = { url: harness.database.urlFor('api'), poolSize: 3 };
  [api, bridge] = await Promise.all([
    startApi({ database, http, kafka, signingKeyFile: null, secretsFile, publicUrl, masterKeys, cores }, { logger }),
    startBridge({ ...harness.config, database: { url: harness.database.urlFor('bridge'), poolSize: 4 } }, { logger }),
  ]);
  const eventLog = openEventLog(kafka.prefix);
  await eventually('the bridge has made the topics', () => eventLog.places('tap', topics));
  tap = tapTopics(eventLog, topics);
});
afterAll(async () => {
  await Promise.all([api?.stop(), bridge?.stop(), tap?.stop()]);
  await harness?.stop();
});

const mailsTo = (address: string) => harness.sandbox.mail.mails.list((mail) => mail.to.includes(address));

async function canSignIn(user: string, password: string): Promise<boolean> {
  const client = new Client({ url: harness.sandbox.directories[TENANT]!.access.url });
  const { dn } = await probe.entryOf(user);
  const bound = client.bind(dn, password).then(
    () => true,
    () => false,
  );
  return bound.finally(() => client.unbind());
}

/** The link in the one mail that a receiver of a password got. */
function handedOver(receiver: string) {
  const [mail, ...more] = mailsTo(receiver);
  expect(more).toEqual([]);
  const token = /http:\/\/127\.0\.0\.1:1\/hand-over\/([\w-]{43})\s/.exec(mail!.text)![1]!;
  return { mail: mail!, token, url: `${api.url}/hand-over/${token}` };
}

/** A run that gave somebody a new password, with the link from the mail. */
async function reinstated(user: string, receiver: string) {
  const leaving = await harness.submit({ user });
  await leaving.decide('approve');
  await leaving.status('closed');
  const request = await harness.reinstate({ runId: (await leaving.run()).id, user, passwordTo: [receiver] });
  await request.decide('approve');
  await request.status('closed');
  return { leaving, request, ...handedOver(receiver) };
}

/** A joiner who has begun, with the link from the mail. */
async function joined(surname: string, receiver: string) {
  const firstDayAt = systemClock.now().toISOString();
  const wish = { givenName: 'Nele', surname, domain: 'muster.example', passwordTo: receiver, firstDayAt };
  const request = await harness.requestOf({ type: 'onboarding', wish });
  await request.decide('approve');
  await request.status('closed');
  return { request, ...handedOver(receiver) };
}

/** The password that stands on the page behind a link. */
async function collected(url: string): Promise<string> {
  const shown = await fetch(url, { method: 'POST' });
  return /<output[^>]*>([^<]+)<\/output>/.exec(await shown.text())![1]!;
}

/** Everything that a secret could stand in, once all events are in Kafka, but for the mail with the link. */
async function everywhere(linkMailId: string, ...requests: readonly SubmittedRequest[]) {
  const { admin } = harness.database;
  await eventually('every event is in Kafka', async () => {
    const rows = await admin.selectFrom('outbox').select('sent_at').execute();
    return rows.every((row) => row.sent_at !== null) && tap.records.length >= rows.length;
  });
  const histories = requests.map(async ({ id, handle }) => {
    return [`history of ${id}`, await harness.payloads.readableHistory(handle)] as const;
  });
  const others = harness.sandbox.mail.mails.list((one) => one.id !== linkMailId);
  return {
    ...(await wholeDatabase(admin)),
    ...Object.fromEntries(await Promise.all(histories)),
    log: log.join(''),
    kafka: tap.records.map(({ key, headers, value }) => [key, JSON.stringify(headers), value].join(' ')).join('\n'),
    'other mails': JSON.stringify(others),
  };
}

/** Takes the hand-over back, as the worker does for a run that is cancelled. */
async function takeBack(request: SubmittedRequest) {
  const { secretsFile, masterKeys, publicUrl } = harness.config;
  const database = openDatabase({ url: harness.database.urlFor('worker'), poolSize: 2 }, 'test');
  const sealed = new SealedValues(database, openKeyRing(masterKeys));
  const links = new OneTimeLinks(database, publicUrl);
  const systems = new StepSystems(database, blocks, new FileSecrets(secretsFile!), sealed, links);
  const pulse = { signal: new AbortController().signal, attempt: 1, heartbeat: () => undefined };
  const { id: runId } = await request.run();
  const task = { tenant: TENANT, requestId: request.id, runId, stepId: 'hand_over_password' };
  return new StepCompensation(database, systems).compensate(task, pulse).finally(() => database.destroy());
}

describe('a new password', () => {
  it('reaches its receiver by a link that works once, and stands nowhere else', async () => {
    const user = 'jana.keller';
    const { leaving, request, mail, token, url } = await reinstated(user, RECEIVER);
    expect(await request.outcomes()).toMatchObject({ new_password: 'succeeded', hand_over_password: 'succeeded' });

    const step = (await request.steps()).find((one) => one.step_id === 'hand_over_password')!;
    expect(step.evidence).toMatchObject({
      linkState: 'open',
      accepted: [RECEIVER],
      response: expect.stringMatching(/^250 /),
    });
    expect(mail.subject).toBe('Kennwort für jana.keller: Link zum Abholen');

    expect(await (await fetch(url)).text()).not.toContain('<output');
    const password = await collected(url);
    expect((await fetch(url, { method: 'POST' })).status).toBe(410);
    expect(await canSignIn(user, password)).toBe(true);
    expect((await request.timeline()).map(({ kind }) => kind)).toContain('password_collected');

    const places = await everywhere(mail.id, leaving, request);
    expect(places.log).toContain('/hand-over/:token');
    expect(Object.keys(places).length).toBeGreaterThan(20);
    expect(holdersOf([password, token], places)).toEqual([]);
    // the mail has the link, not the password
    expect(holdersOf([password], { mail: JSON.stringify(mail) })).toEqual([]);
    // the search finds what is there
    expect(holdersOf([token], { mail: JSON.stringify(mail) })).toEqual(['mail']);
    const known = ['table outbox', 'table run_steps', 'kafka', `history of ${request.id}`];
    expect(holdersOf(['hand_over_password'], places)).toEqual(expect.arrayContaining(known));

    expect(await takeBack(request)).toMatchObject({ outcome: 'succeeded' });
    expect((await request.timeline()).at(-1)).toMatchObject({
      kind: 'step_not_compensated',
      data: { problem: { detail: expect.stringContaining('The password was collected at') } },
    });
  });

  it('is handed over without its user’s name while the request is confidential', async () => {
    const user = 'jana.keller';
    const { admin } = harness.database;
    const { run_id: runId } = await admin
      .selectFrom('requests')
      .select('run_id')
      .where('subject', '=', user)
      .where('type', '=', 'offboarding')
      .executeTakeFirstOrThrow();
    const request = await harness.reinstate({ runId: runId!, user, passwordTo: [RECEIVER] });
    await request.status('awaiting_approval');
    const secret = { confidential_until: '2099-01-01T00:00:00Z', confidants: ['operator@msp'] };
    await admin.updateTable('requests').set(secret).where('id', '=', request.id).execute();
    // it is planned anew for its new time
    await request.giveAct({ act: 'reschedule', at: new Date(systemClock.now().getTime() + 3_600_000).toISOString() });
    const plan = await eventually('the second plan', async () => {
      const rows = await admin.selectFrom('plans').selectAll().where('request_id', '=', request.id).execute();
      return rows.find((row) => row.revision === 2)?.plan as Plan | undefined;
    });
    const step = plan.steps.find(({ id }) => id === 'hand_over_password')!;
    expect(step.input).toMatchObject({ to: [RECEIVER], userName: `Request ${request.id}` });
    await request.decide('reject');
  });

  it('of a joiner reaches its receiver alone as well', async () => {
    const { request, mail, token, url } = await joined('Wirth', 'empfang@privat.example');
    const outcomes = await request.outcomes();
    expect(outcomes).toMatchObject({ set_first_password: 'succeeded', hand_over_password: 'succeeded' });
    const password = await collected(url);
    expect(await canSignIn('nele.wirth', password)).toBe(true);
    const places = await everywhere(mail.id, request);
    expect(holdersOf([password, token], places)).toEqual([]);
    const known = ['kafka', 'table run_steps', `history of ${request.id}`];
    expect(holdersOf(['set_first_password'], places)).toEqual(expect.arrayContaining(known));
    // the bridge's lines are among those of the log
    expect(holdersOf(['stellwerk-bridge'], places)).toContain('log');
  });

  it('whose link nobody opened is withdrawn when the run is taken back', async () => {
    const { request, url } = await reinstated('daniel.fuchs', 'daniel@privat.example');
    expect(await takeBack(request)).toMatchObject({ outcome: 'compensated' });
    const answer = await fetch(url, { method: 'POST', headers: { 'accept-language': 'en' } });
    expect(answer.status).toBe(410);
    expect(await answer.text()).toContain('This link was withdrawn');
  });
});
