import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Browser } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { requestRefused } from '#libs/events';
import { permissions, type Permission } from '#libs/platform/access';
import { readDevelopment } from '../../tools/demo/development.js';
import { StellwerkClient } from '../../tools/demo/stellwerk-client.js';
import { scannedRoutes } from '../integration/api/scan/routes.js';
import { launchChromium } from '../support/chromium.js';
import { eventually } from '../support/eventually.js';
import { PasskeyDevice } from '../support/identity/passkey-device.js';
import { Mailbox } from '../support/mailbox.js';
import { testStack } from '../support/test-stack.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';
import { startWholeProduct, type WholeProduct } from '../support/whole-product.js';

/** Through every program as they are shipped, with days that pass: HTTP → PostgreSQL → Kafka → Temporal → mail and back. */
const TENANT = 'muster';
const own = randomUUID().slice(0, 8);
const address = (name: string): string => `${name}.${own}@firma.example`;

let product: WholeProduct;
let browser: Browser;
let mails: Mailbox;
const receiver = new WebhookReceiver();
beforeAll(async () => {
  mails = new Mailbox(readDevelopment(testStack().devJson).mail.received);
  [product, browser] = await Promise.all([startWholeProduct(), launchChromium(), receiver.start()]);
});
afterAll(async () => {
  await Promise.all([browser?.close(), receiver.stop(), product?.stop()]);
});

const as = (role: string, home = TENANT): StellwerkClient =>
  new StellwerkClient(product.api, product.keys[home]![role]!, home === 'msp' ? TENANT : undefined);
const once = (): Record<string, string> => ({ 'idempotency-key': randomUUID() });

interface Invited {
  readonly id: string;
  readonly state: string;
}
const invite = (name: string, validDays: number): Promise<Invited> => {
  const grants = [{ role: 'approver', covers: 'home' }];
  const body = { mail: address(name), name, language: 'de', grants, validDays, reason: 'Gibt frei.' };
  return as('customer_admin').call('POST', '/v1/invitations', body, once());
};
const invitation = (id: string): Promise<Invited> => as('auditor').call('GET', `/v1/invitations/${id}`);

describe('somebody who is invited by their company’s administrator', () => {
  let device: PasskeyDevice;
  afterAll(() => device?.close());

  it('gets a mail, makes a passkey behind its link, is in, and signs in again', async () => {
    const { id } = await invite('neu', 7);
    const link = await mails.link(address('neu'));
    expect(await (await fetch(link, { headers: { 'accept-language': 'de' } })).text()).toContain('Passkey anlegen');
    device = await PasskeyDevice.in(browser);
    await device.register(link);
    const me = await device.call('GET', '/v1/me');
    expect(me).toMatchObject({ status: 200, body: { mail: address('neu'), roles: [{ role: 'approver' }] } });
    expect((await invitation(id)).state).toBe('accepted');
    expect((await fetch(link)).status).toBe(410);
    expect((await device.call('POST', '/v1/sign-out')).status).toBe(200);
    expect((await device.call('GET', '/v1/me')).status).toBe(401);
    await device.signIn(product.api);
    expect((await device.call('GET', '/v1/me')).body['subject']).toBe(me.body['subject']);
  });

  it('may read what the permission table gives the role, and nothing else', async () => {
    const lists = (await scannedRoutes()).filter(({ method, path }) => method === 'GET' && !path.includes('{'));
    const paths = JSON.stringify(lists.map(({ path }) => path));
    const answered: number[] = await device.page.evaluate(
      `Promise.all(${paths}.map((path) => fetch(path).then(({ status }) => status)))`,
    );
    const isGranted = (permission: Permission | 'public'): boolean =>
      permission === 'public' || (permissions[permission] as readonly string[]).includes('customer:approver');
    const got = lists.map(({ path }, index) => [path, answered[index] !== 403]);
    expect(got).toEqual(lists.map(({ path, permission }) => [path, isGranted(permission)]));
    expect(lists.length).toBeGreaterThan(20);
  });

  it('comes too late once the invitation’s days are over: the timer ends it, and its link says why', async () => {
    const { id } = await invite('spaet', 1);
    const link = await mails.link(address('spaet'));
    expect((await fetch(link)).status).toBe(200);
    await pass('invitations', id, ['created_at', 'expires_at'], 1);
    await product.skip('25 hours');
    await eventually('its end is on record', async () => {
      const { rows } =
        await sql`SELECT FROM audit_entries WHERE action = 'invitation.expired' AND object_id = ${id}`.execute(
          product.database.admin,
        );
      return rows.length === 1;
    });
    expect((await invitation(id)).state).toBe('expired');
    const late = await fetch(link, { headers: { 'accept-language': 'de' } });
    expect([late.status, await late.text()]).toEqual([410, expect.stringContaining('abgelaufen')]);
  });
});

/** Makes what PostgreSQL knows of a row older by days, which the engine's clock has passed or is about to. */
async function pass(table: string, id: string, columns: readonly string[], days: number): Promise<void> {
  const older = columns.map((column) => sql`${sql.ref(column)} = ${sql.ref(column)} - ${days}::int * interval '1 day'`);
  await sql`UPDATE ${sql.table(table)} SET ${sql.join(older)} WHERE id = ${id}`.execute(product.database.admin);
}

/** A request about somebody whom the directory does not know: it ends as refused. */
async function refused(user: string): Promise<string> {
  const wish = { type: 'offboarding', user, lastWorkingAt: '2027-01-29T17:00' };
  const { id } = await as('requester').submit(wish);
  await as('requester').untilStatus(id, ['refused']);
  return id;
}

describe('the secret of a webhook', () => {
  it('signs as before while the master key is exchanged beside the running programs, and after the old one is gone', async () => {
    const wish = { url: receiver.url('/hook'), eventTypes: [requestRefused.type] };
    const { secret } = await as('customer_admin').call<{ secret: string }>('POST', '/v1/webhooks', wish, once());
    const delivered = async (count: number): Promise<void> => {
      const message = (await receiver.arrived('/hook', count))[count - 1]!;
      new Webhook(secret).verify(message.body, message.headers as Record<string, string>);
    };
    await refused('nobody.before');
    await delivered(1);
    const rotated = await product.command('secrets', ['rotate']);
    expect(rotated).toMatchObject({ code: 0, output: expect.stringContaining('local:1 is needed by nothing here') });
    const [present] = readFileSync(product.masterKeyFile, 'utf8').split('\n');
    writeFileSync(product.masterKeyFile, `${present}\n`);
    await refused('nobody.after');
    await delivered(2);
    const { rows } = await sql<{ key_id: string }>`SELECT DISTINCT key_id FROM webhook_secrets`.execute(
      product.database.admin,
    );
    expect(rows).toEqual([{ key_id: 'local:2' }]);
  });
});

describe('an ended request', () => {
  const isThere = (id: string): Promise<boolean> =>
    as('requester')
      .request(id)
      .then(
        () => true,
        () => false,
      );

  it('is erased by the timer when its days are over, unless a legal hold names it: then when the hold ends', async () => {
    const owner = as('owner', 'msp');
    const [gone, held, young] = [
      await refused('nobody.gone'),
      await refused('nobody.held'),
      await refused('nobody.young'),
    ];
    const hold = { person: 'nobody.held', reason: 'A court asked.' };
    const { id: holdId } = await owner.call<{ id: string }>('POST', `/v1/tenants/${TENANT}/legal-holds`, hold, once());
    await owner.call('PUT', '/v1/retention', { outcomes: [{ outcome: 'refused', days: 30 }] });
    const { admin } = product.database;
    const begun = sql<{ id: string }>`SELECT id FROM tenant_retention WHERE tenant_id = ${TENANT}`.execute(admin);
    await product.workflowWaits(`${TENANT}/retention/${(await begun).rows[0]!.id}`);
    for (const id of [gone, held]) await pass('requests', id, ['updated_at'], 30);
    expect(await isThere(gone)).toBe(true);
    await product.skip('1 day');
    await eventually('it is erased', async () => !(await isThere(gone)));
    expect([await isThere(held), await isThere(young)]).toEqual([true, true]);
    await owner.call('POST', `/v1/tenants/${TENANT}/legal-holds/${holdId}/end`, { reason: 'Settled.' });
    await eventually('it is erased as well', async () => !(await isThere(held)));
    expect(await isThere(young)).toBe(true);
  });
});

describe('the account for emergencies', () => {
  const owners = ['anna', 'bert'];
  const devices: PasskeyDevice[] = [];
  afterAll(() => Promise.all(devices.map((device) => device.close())));
  /** The link that a command of the product prints for somebody. */
  async function linkFor(...words: string[]): Promise<string> {
    const { code, output } = await product.command('owner', words);
    expect({ code, output }).toMatchObject({ code: 0 });
    return (JSON.parse(output.trim().split('\n').at(-1)!) as { readonly url: string }).url;
  }
  /** Somebody with a passkey behind their link. */
  async function letIn(url: string): Promise<PasskeyDevice> {
    const device = await PasskeyDevice.in(browser);
    devices.push(device);
    await device.register(url);
    return device;
  }
  const openAlarms = async (device: PasskeyDevice): Promise<string[]> => {
    const { body } = await device.call('GET', '/v1/alarms');
    const all = body['items'] as { readonly id: string; readonly acknowledgedAt: string | null }[];
    return all.filter((alarm) => alarm.acknowledgedAt === null).map(({ id }) => id);
  };
  const told = (count: number) => Promise.all(owners.map((owner) => mails.arrived(address(owner), count)));
  const acknowledge = (device: PasskeyDevice, id: string) =>
    device.call('POST', `/v1/alarms/${id}/acknowledge`, { reason: 'Drill of the quarter.' });

  it('has every owner told by mail when it is used, again until one of them acknowledges it, and not any more', async () => {
    const another = ['--another', '--reason', 'Nobody is alone.'];
    const toAnna = await linkFor('create', '--mail', address('anna'), '--name', 'Anna');
    const links = [linkFor('create', '--mail', address('bert'), '--name', 'Bert', ...another)];
    links.push(linkFor('emergency', '--name', 'Tresor'));
    // one after the other: a browser makes passkeys on the page in front alone
    const anna = await letIn(toAnna);
    const bert = await letIn(await links[0]!);
    // the owners of this moment are told
    const safe = await letIn(await links[1]!);
    await told(1);
    // a quarter of an hour without an answer
    await product.skip('16 minutes');
    await told(2);
    const [first, ...others] = await openAlarms(anna);
    expect(others).toEqual([]);
    expect(await acknowledge(safe, first!)).toMatchObject({ status: 403, body: { code: 'alarm.own' } });
    expect((await acknowledge(anna, first!)).status).toBe(200);

    expect((await safe.call('POST', '/v1/sign-out')).status).toBe(200);
    await safe.signIn(product.api);
    const [, toBert] = await told(3);
    expect(toBert!.at(-1)!.text).toContain('Tresor');
    const [second] = await openAlarms(bert);
    expect(second).not.toBe(first);
    expect((await acknowledge(bert, second!)).status).toBe(200);
    for (const id of [first, second]) await product.workflowEnds(`msp/alarm/${id}`);
    await product.skip('2 days');
    expect((await told(3)).map((all) => all.length)).toEqual([3, 3]);
  });
});
