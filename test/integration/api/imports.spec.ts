import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { fresh, startApiFixture, type ApiFixture } from '../../support/api/api-fixture.js';
import { localIn } from '../../support/api/dates.js';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApiFixture();
});
afterAll(() => fixture?.stop());

const SOON = localIn(9);
const joiners = (...lines: string[]) => ['givenName;surName;firstDayAt;passwordTo;groups', ...lines].join('\r\n');
const send = (type: string, raw: string, headers = fresh(), query = '') =>
  fixture.call('POST', `/v1/requests/import?type=${type}${query}`, {
    as: 'muster/requester',
    raw,
    headers: { ...headers, 'content-type': 'text/csv; charset=utf-8' },
  });
const counted = async () => {
  const { rows } = await sql<{ requests: number; events: number; keys: number }>`
    SELECT (SELECT count(*) FROM requests)::int AS requests, (SELECT count(*) FROM outbox)::int AS events,
           (SELECT count(*) FROM idempotency_keys)::int AS keys`.execute(fixture.database.admin);
  return rows[0]!;
};

describe('a file of joiners', () => {
  it('becomes a request for each line, all at once, and the same ones when it is sent again', async () => {
    const file = joiners(`Jörg;Groß;${SOON};hr@muster.example;vpn|erp`, `Zoë;Zander;${SOON};hr@muster.example;`);
    const headers = fresh();
    const before = await counted();
    const answer = await send('onboarding', file, headers);
    expect(answer).toMatchObject({ status: 202, body: { refused: [] } });
    expect(answer.body.accepted.map(({ line, user }: { line: number; user: string }) => [line, user])).toEqual([
      [2, 'joerg.gross'],
      [3, 'zoe.zander'],
    ]);
    expect((await send('onboarding', file, headers)).body).toEqual(answer.body);
    const after = await counted();
    expect([after.requests - before.requests, after.events - before.events, after.keys - before.keys]).toEqual([
      2, 2, 1,
    ]);
    const { id } = answer.body.accepted[0];
    const shown = await fixture.call('GET', `/v1/requests/${id}`, { as: 'muster/auditor' });
    expect(shown.body).toMatchObject({ type: 'onboarding', status: 'planning', body: { groups: ['vpn', 'erp'] } });
  });

  it('is not taken at all when a line is wrong, and says what is wrong where', async () => {
    const file = joiners(
      `Jana;Keller;${SOON};hr@muster.example;`,
      `;Keller;yesterday;hr;`,
      `李;王;${SOON};hr@muster.example;`,
      `=1+1;Keller;${localIn(-2)};hr@muster.example;`,
    );
    const before = await counted();
    const answer = await send('onboarding', file);
    expect(answer).toMatchObject({ status: 422, body: { code: 'import.lines_wrong' } });
    const faults = answer.body.errors.map(({ path, code }: { path: string; code: string }) => [path, code]);
    expect(faults).toEqual([
      ['3.givenName', 'missing'],
      ['3.firstDayAt', 'not_a_date_time'],
      ['3.passwordTo', 'not_a_mail_address'],
      ['4.mailNickName', 'missing'],
      ['5.givenName', 'formula'],
      ['5.firstDayAt', 'past'],
    ]);
    expect(await counted()).toEqual(before);
  });

  it('has its good lines taken when that is asked for', async () => {
    const file = joiners(`Jana;Keller;${SOON};hr@muster.example;`, `Jana;;${SOON};hr@muster.example;`);
    const answer = await send('onboarding', file, fresh(), '&takeGood=true');
    expect(answer).toMatchObject({
      status: 202,
      body: {
        accepted: [{ line: 2, user: 'jana.keller' }],
        refused: [{ line: 3, column: 'surName', code: 'missing' }],
      },
    });
  });

  it('of which no line is good is not taken, whatever is asked for', async () => {
    const answer = await send('onboarding', joiners(`;;;;`, `Jana;;;;`), fresh(), '&takeGood=true');
    expect(answer).toMatchObject({ status: 422, body: { code: 'import.lines_wrong' } });
  });
});

describe('a file of leavers', () => {
  const leavers = (...lines: string[]) => ['user,lastWorkingAt,steps,notifyMail', ...lines].join('\n');

  it('has each of them once, and none who is leaving already', async () => {
    const first = await send(
      'offboarding',
      leavers(`ralf.z,${SOON},disable_sign_in|remove_from_groups,hr@muster.example`),
    );
    expect(first.status).toBe(202);
    const file = leavers(`eva.b,${SOON},,`, `EVA.B,${SOON},,`, `Ralf.Z,${SOON},,`, `max.m,${SOON},fly,`);
    const answer = await send('offboarding', file);
    const faults = answer.body.errors.map(({ path, code }: { path: string; code: string }) => [path, code]);
    expect(faults).toEqual([
      ['3.user', 'duplicate'],
      ['4.user', 'already_open'],
      ['5.steps', 'not_allowed'],
    ]);
    const good = await send('offboarding', file, fresh(), '&takeGood=true');
    expect(good.body.accepted).toEqual([expect.objectContaining({ line: 2, user: 'eva.b' })]);
  });
});
