import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { permissions, type Permission, type Role } from '#libs/platform/access';
import { startApiFixture, type ApiFixture, type Who } from '../../support/api/api-fixture.js';
import { examplesOf, type DetailedExample } from './scan/example.js';
import { routeExamples } from './scan/examples/index.js';
import { scannedRoutes, type ScannedRoute } from './scan/routes.js';
import { send, TENANT_HEADER } from './scan/send.js';
import { Things } from './scan/things.js';

/** Reading that is an act all the same. */
const READING_ACTS = ['exportAudit', 'getCertificateSignature'];
/** Writing that changes nothing of a customer's or of anybody's rights, with the reason. */
const NOT_AUDITED: Readonly<Record<string, string>> = {};

const routes = (await scannedRoutes()).filter(
  ({ method, operationId, permission }) =>
    permission !== 'public' &&
    (method.toUpperCase() !== 'GET' || READING_ACTS.includes(operationId)) &&
    NOT_AUDITED[operationId] === undefined,
);

let fixture: ApiFixture;
let things: Things;
beforeAll(async () => {
  fixture = await startApiFixture();
  things = new Things(fixture.database.admin, 'muster');
});
afterAll(() => fixture?.stop());

const CALLERS = [
  ...(['owner', 'operator'] as const).map((role) => ({ kind: 'msp', home: 'msp', role }) as const),
  ...(['customer_admin', 'approver', 'requester', 'auditor'] as const).map(
    (role) => ({ kind: 'customer', home: 'muster', role }) as const,
  ),
];

/** Somebody who may do this, by the table and by the rules of its own. */
function callerFor(route: ScannedRoute, { needs, refused }: DetailedExample): (typeof CALLERS)[number] {
  const grants = (permission: Permission | undefined, who: string): boolean =>
    permission === undefined || (permissions[permission] as readonly string[]).includes(who);
  const found = CALLERS.find(({ kind, role }) => {
    const who = `${kind}:${role}` as const;
    const isRefused = refused?.[who as `${'msp' | 'customer'}:${Role}`] !== undefined;
    return grants(route.permission as Permission, who) && grants(needs, who) && !isRefused;
  });
  if (!found) throw new Error(`Nobody may do ${route.operationId}.`);
  return found;
}

async function actionsOf(actor: string): Promise<string[]> {
  const rows = await fixture.database.admin
    .selectFrom('audit_entries')
    .select('action')
    .where('actor', '=', actor)
    .where('outcome', '=', 'done')
    .orderBy('id')
    .execute();
  return rows.map(({ action }) => action);
}

const examples = routes.flatMap((route) =>
  examplesOf(route.operationId, routeExamples).map(
    (example) => [`${route.method} ${route.path}${example.what ? ` (${example.what})` : ''}`, route, example] as const,
  ),
);

describe('every route that writes leaves its act on record', () => {
  it.each(examples)('%s', async (_name, route, example) => {
    const { kind, home, role } = callerFor(route, example);
    const who: Who = `${home}/${role}`;
    const before = await actionsOf(`${role}@${home}`);
    const headers: Record<string, string> =
      kind === 'msp' && route.takes.has(`header:${TENANT_HEADER}`) ? { [TENANT_HEADER]: 'muster' } : {};
    const caller = { name: who, kind, key: fixture.keyOf(who) };
    const answer = await send(fixture.api.url, route, await example.make(things), caller, { headers });
    expect([answer.status < 300, answer.text]).toEqual([true, answer.text]);
    const added = (await actionsOf(`${role}@${home}`)).slice(before.length);
    expect([route.operationId, added.length > 0]).toEqual([route.operationId, true]);
  });

  it('and this test finds them', () => {
    expect(examples.length).toBeGreaterThan(20);
  });
});
