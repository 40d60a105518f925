import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'ldapts';
import { pino } from 'pino';
import { blocks } from '#libs/connectors';
import { readMasterKey } from '#libs/platform/config';
import { openDatabase } from '#libs/platform/database';
import { FileSecrets, OneTimeLinks, SealedValues } from '#libs/platform/secrets';
import { StepCompensation, StepSystems } from '#libs/process';
import { startApi, type RunningApi } from '../../apps/api/create-api.js';
import { DirectoryProbe } from '../support/directory-probe.js';
import { startProcessHarness, TENANT, type ProcessHarness, type SubmittedRequest } from '../support/process-harness.js';
import { holdersOf, wholeDatabase } from '../support/secret-search.js';

const RECEIVER = 'jana@privat.example';

let harness: ProcessHarness;
let api: RunningApi;
const log: string[] = [];
const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
const probe = new DirectoryProbe(() => harness.sandbox.directories[TENANT]!);

beforeAll(async () => {
  harness = await startProcessHarness({ logger });
  const { http, kafka } = harness.config;
  const database = { url: harness.database.urlFor('api'), poolSize: 3 };
  api = await startApi({ database, http, kafka, signingKeyFile: null }, { logger });
});
afterAll(async () => {
  await api?.stop();
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

/** A run that gave somebody a new password, with the link from the mail. */
async function reinstated(user: string, receiver: string) {
  const leaving = await harness.submit({ user });
  await leaving.decide('approve');
  await leaving.status('closed');
  const request = await harness.reinstate({ runId: (await leaving.run()).id, user, passwordTo: [receiver] });
  await request.decide('approve');
  await request.status('closed');
  const [mail, ...more] = mailsTo(receiver);
  expect(more).toEqual([]);
  const token = /http:\/\/127\.0\.0\.1:1\/hand-over\/([\w-]{43})\s/.exec(mail!.text)![1]!;
  return { leaving, request, mail: mail!, token, url: `${api.url}/hand-over/${token}` };
}

/** Takes the hand-over back, as the worker does for a run that is cancelled. */
async function takeBack(request: SubmittedRequest) {
  const { secretsFile, masterKeyFile, publicUrl } = harness.config;
  const database = openDatabase({ url: harness.database.urlFor('worker'), poolSize: 2 }, 'test');
  const sealed = new SealedValues(database, readMasterKey(masterKeyFile));
  const links = new OneTimeLinks(database, publicUrl);
  const systems = new StepSystems(database, blocks, new FileSecrets(secretsFile), sealed, links);
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
    const shown = await fetch(url, { method: 'POST' });
    const password = /<output[^>]*>([^<]+)<\/output>/.exec(await shown.text())![1]!;
    expect((await fetch(url, { method: 'POST' })).status).toBe(410);
    expect(await canSignIn(user, password)).toBe(true);
    expect((await request.timeline()).map(({ kind }) => kind)).toContain('password_collected');

    const others = harness.sandbox.mail.mails.list((one) => one.id !== mail.id);
    const places = {
      ...(await wholeDatabase(harness.database.admin)),
      log: log.join(''),
      'history of the leaving': JSON.stringify(await leaving.handle.fetchHistory()),
      'history of the return': JSON.stringify(await request.handle.fetchHistory()),
      'other mails': JSON.stringify(others),
    };
    expect(places.log).toContain('/hand-over/:token');
    expect(Object.keys(places).length).toBeGreaterThan(20);
    expect(holdersOf([password, token], places)).toEqual([]);
    // the mail has the link, not the password
    expect(holdersOf([password], { mail: JSON.stringify(mail) })).toEqual([]);
    // the search finds what is there
    expect(holdersOf([token], { mail: JSON.stringify(mail) })).toEqual(['mail']);
    const known = ['table outbox', 'table run_steps', 'history of the return'];
    expect(holdersOf(['hand_over_password'], places)).toEqual(expect.arrayContaining(known));

    expect(await takeBack(request)).toMatchObject({ outcome: 'succeeded' });
    expect((await request.timeline()).at(-1)).toMatchObject({
      kind: 'step_not_compensated',
      data: { problem: { detail: expect.stringContaining('The password was collected at') } },
    });
  });

  it('whose link nobody opened is withdrawn when the run is taken back', async () => {
    const { request, url } = await reinstated('daniel.fuchs', 'daniel@privat.example');
    expect(await takeBack(request)).toMatchObject({ outcome: 'compensated' });
    const answer = await fetch(url, { method: 'POST', headers: { 'accept-language': 'en' } });
    expect(answer.status).toBe(410);
    expect(await answer.text()).toContain('This link was withdrawn');
  });
});
