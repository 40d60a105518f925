import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { passwordHandOver as block } from '#libs/connectors';
import { type JsonObject, systemClock } from '#libs/kernel';
import { startSandbox, type Sandbox } from '../../../tools/sandbox/index.js';
import { Resources, slapdRoot } from '../sandbox/sandbox-fixture.js';
import { Customer } from './block-context.js';

const PASSWORD = 'drawn-by-the-step-before-7';

describe('password.hand-over', () => {
  const resources = new Resources();
  let sandbox: Sandbox;
  beforeAll(async () => {
    const options = { dir: resources.folder(), port: 0, slapdRoot: slapdRoot() };
    sandbox = resources.add(await startSandbox(options), (running) => running.stop());
  });
  beforeEach(() => sandbox.mail.clear());
  afterAll(() => resources.cleanUp());

  function customer(): Customer {
    const { host, port, user, password, caFile } = sandbox.description.mail;
    const caPem = readFileSync(caFile, 'utf8');
    const config = { host, port, from: 'stellwerk@msp.example', startTls: true, caPem, user };
    const made = new Customer({ tenant: 'muster', name: 'mail', kind: 'smtp', config, secretRef: 'secret://mail' });
    made.secrets.set('secret://mail', password);
    made.sealed.set('new_password/new-password', PASSWORD);
    return made;
  }

  type Input = Parameters<typeof block.plan>[1];
  const input = (change: Partial<Input> = {}): Input => ({
    ofStep: 'new_password',
    sealedName: 'new-password',
    to: ['jana@privat.example'],
    language: 'de',
    userName: 'jana.keller',
    ...change,
  });

  async function handedOver(owner: Customer, given: Input) {
    const effect = await block.plan(owner.step(), given);
    const receipt = ((await block.apply(owner.step(), given, effect)) ?? null) as JsonObject | null;
    return { effect, receipt, proof: await block.verify(owner.step(), given, effect, receipt) };
  }
  const linkIn = (text: string): string => /http:\S+\/hand-over\/[\w-]{43}(?=\s)/.exec(text)![0];
  const mails = () => sandbox.mail.mails.list();

  it('says in the plan to whom and until when, and has nothing secret in what it leaves', async () => {
    const done = await handedOver(customer(), input({ validHours: 8 }));
    expect(done.effect).toMatchObject({
      changes: [{ target: 'jana@privat.example', before: null, after: expect.stringContaining('valid for 8 hours') }],
      notes: [{ code: 'hand_over.one_time_link', text: expect.stringContaining('8 hours after it was sent') }],
    });
    const { linkId, expiresAt } = done.receipt as { linkId: string; expiresAt: string };
    expect(done.proof).toMatchObject({ proven: true, evidence: { linkId, expiresAt, linkState: 'open' } });
    const token = linkIn(mails()[0]!.text).split('/').at(-1)!;
    for (const secret of [token, PASSWORD]) expect(JSON.stringify(done)).not.toContain(secret);
    expect(JSON.stringify(mails())).not.toContain(PASSWORD);
  });

  it('sends the same link with the same Message-ID when a crash makes it repeat', async () => {
    const owner = customer();
    await handedOver(owner, input());
    await handedOver(owner, input());
    expect(new Set(mails().map(({ messageId }) => messageId)).size).toBe(1);
    expect(new Set(mails().map(({ text }) => linkIn(text))).size).toBe(1);
    expect(mails()).toHaveLength(2);
  });

  it('writes German or English', async () => {
    await handedOver(customer(), input());
    await handedOver(customer(), input({ language: 'en' }));
    expect(mails().map(({ subject, headers }) => [headers['content-language'], subject])).toEqual([
      ['de', 'Kennwort für jana.keller: Link zum Abholen'],
      ['en', 'Password for jana.keller: link to collect it'],
    ]);
  });

  it('is not proven when the receiver was refused, without a receipt, or when its link is gone', async () => {
    const owner = customer();
    const two = input({ to: ['jana@privat.example', 'bounce@muster.example'] });
    expect((await handedOver(owner, two)).proof).toMatchObject({ proven: false, problem: { code: 'mail.refused' } });
    const { effect, receipt } = await handedOver(owner, input());
    expect(await block.verify(owner.step(), input(), effect, null)).toMatchObject({ proven: false });
    owner.links.clear();
    expect(await block.verify(owner.step(), input(), effect, receipt)).toMatchObject({ proven: false });
  });

  it('ends when the step before has drawn nothing, and sends no mail', async () => {
    await expect(handedOver(customer(), input({ ofStep: 'another_step' }))).rejects.toMatchObject({
      code: 'hand_over.nothing_sealed',
      retryable: false,
    });
    expect(mails()).toEqual([]);
  });

  it('is taken back by revoking the link, unless somebody has seen the password', async () => {
    const owner = customer();
    const { effect, receipt } = await handedOver(owner, input());
    const place = { stepId: 'undo_step' };
    const { runId } = owner.step();
    const undoing = () => ({ ...owner.step(place), takesBack: { runId, stepId: 'step' } });
    const back = await block.undo(undoing(), input(), effect, []);
    expect(back.changes).toEqual([
      { target: receipt!['linkId'], field: 'one-time link', before: 'open', after: 'revoked' },
    ]);
    await block.apply(undoing(), input(), back);
    expect(await block.verify(undoing(), input(), back, null)).toMatchObject({ proven: true });
    expect(await block.undo(undoing(), input(), effect, [])).toMatchObject({ changes: [], irreversible: null });
    const [key, link] = [...owner.links][0]!;
    owner.links.set(key, { ...link, state: 'collected', collectedAt: systemClock.now() });
    expect(await block.undo(undoing(), input(), effect, [])).toMatchObject({
      changes: [],
      irreversible: expect.stringMatching(/^The password was collected at /),
    });
  });
});
