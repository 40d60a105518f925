import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '#libs/kernel';
import { openDatabase, type Database } from '#libs/platform/database';
import { readDevelopment, readPid, type Development } from '../../tools/demo/development.js';
import { StellwerkClient } from '../../tools/demo/stellwerk-client.js';
import { diffSnapshots, nordlicht, snapshotDirectory, type DirectoryWrite } from '../../tools/sandbox/index.js';
import { eventually } from '../support/eventually.js';
import { testStack } from '../support/test-stack.js';

const TENANT = 'nordlicht';

let development: Development;
let database: Database;

beforeAll(() => {
  development = readDevelopment(testStack().devJson);
  database = openDatabase({ url: development.database, poolSize: 2 }, 'chaos-test');
});
afterAll(() => database?.destroy());

const as = (role: string): StellwerkClient => new StellwerkClient(development.api, development.keys[TENANT]![role]!);

/** Kills a server as a crash does; the supervisor starts it again. Gives its old process id. */
function kill(name: string): number {
  const pid = readPid(testStack().runDir, name);
  process.kill(pid, 'SIGKILL');
  return pid;
}

async function isBack(name: string, formerPid: number): Promise<void> {
  await eventually(`${name} is back`, () => readPid(testStack().runDir, name) !== formerPid, 60);
}

const TOMORROW = new Date(systemClock.now().getTime() + 86_400_000).toISOString();

/** The same body for each repeat of a key; one open request per leaver, so each key has a leaver of its own. */
function leaverOf(key: string) {
  return { type: 'offboarding', user: `nobody.${key.slice(0, 8)}`, lastWorkingAt: TOMORROW };
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: { readonly id?: string; readonly code?: string };
}

async function post(key: string): Promise<Answer | null> {
  const headers = {
    authorization: `Bearer ${development.keys[TENANT]!['requester']}`,
    'content-type': 'application/json',
    'idempotency-key': key,
  };
  const response = await fetch(`${development.api}/v1/requests`, {
    method: 'POST',
    headers,
    body: JSON.stringify(leaverOf(key)),
  }).catch(() => null);
  return (
    response && {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: (await response.json()) as Answer['body'],
    }
  );
}

/** What was accepted comes to its end, once: here the unknown user refuses it. */
async function comesToItsEnd(id: string): Promise<void> {
  await eventually(
    `request ${id} is refused`,
    async () => (await as('requester').request(id)).status === 'refused',
    90,
  );
  const refusals = await database.selectFrom('outbox').select('headers').execute();
  const types = refusals
    .filter(({ headers }) => headers['ce_correlationid'] === id)
    .map(({ headers }) => headers['ce_type']);
  expect(types.filter((type) => type?.endsWith('request.refused.v1'))).toHaveLength(1);
}

describe('a server that is killed', () => {
  it.each(['kafka', 'temporal', 'bridge', 'worker'])(
    '%s: requests are accepted meanwhile, and each comes to its end',
    async (name) => {
      const pid = kill(name);
      const answers = await Promise.all([post(randomUUID()), post(randomUUID()), post(randomUUID())]);
      expect(answers.map((answer) => answer?.status)).toEqual([202, 202, 202]);
      await isBack(name, pid);
      for (const answer of answers) await comesToItsEnd(answer!.body.id!);
    },
    180_000,
  );

  it('postgres: 503 with Retry-After until it is back, then the same key is accepted once', async () => {
    const pid = kill('postgres');
    const key = randomUUID();
    const seen: Answer[] = [];
    const accepted = await eventually(
      'the request is accepted',
      async () => {
        const answer = await post(key);
        if (answer) seen.push(answer);
        return answer?.status === 202 ? answer : null;
      },
      60,
    );
    const refused = seen.filter((answer) => answer.status !== 202);
    expect(refused.length).toBeGreaterThan(0);
    expect(
      refused.every(
        (answer) =>
          answer.status === 503 && answer.body.code === 'database.unavailable' && Number(answer.retryAfter) > 0,
      ),
    ).toBe(true);
    await isBack('postgres', pid);
    const again = await eventually('the same key is answered again', () => post(key), 20);
    expect(again.body.id).toBe(accepted.body.id);
    await comesToItsEnd(accepted.body.id!);
  }, 180_000);

  it('api: a caller that repeats its key after the crash gets one request', async () => {
    const key = randomUUID();
    const first = post(key);
    const pid = kill('api');
    await first;
    await isBack('api', pid);
    const accepted = await eventually(
      'the request is accepted',
      async () => {
        const answer = await post(key);
        return answer?.status === 202 ? answer : null;
      },
      60,
    );
    const rows = await database.selectFrom('idempotency_keys').select('key').where('key', '=', key).execute();
    expect(rows).toHaveLength(1);
    await comesToItsEnd(accepted.body.id!);
  }, 180_000);
});

describe('a run under way', () => {
  const directory = readDevelopment(testStack().devJson).directories[TENANT]!;
  const snapshot = () => snapshotDirectory(directory);
  const control = (method: string, path: string, body?: object) =>
    fetch(`${development.sandbox}/${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
  const writes = async (after = ''): Promise<DirectoryWrite[]> =>
    (await control('GET', `directory/${TENANT}/writes?after=${encodeURIComponent(after)}`)).json() as Promise<
      DirectoryWrite[]
    >;

  it('survives the death of every server at once, makes each change once, and can be taken back', async () => {
    const user = nordlicht.people[3]!.uid;
    const first = await snapshot();
    const known = (await writes()).at(-1)?.key;
    const leaver = {
      type: 'offboarding',
      user,
      lastWorkingAt: new Date(systemClock.now().getTime() + 3_000).toISOString(),
    };
    const { id } = await as('requester').submit(leaver);
    const { planHash } = await as('requester').untilStatus(id, ['awaiting_approval']);
    await control('POST', `gate/${TENANT}/slow`, { ms: 150 });
    await as('approver').decide(id, 'approve', planHash!);
    await eventually('a step is done', async () => {
      const { runId } = await as('requester').request(id);
      return runId && (await as('requester').run(runId)).steps.some((step) => step.outcome === 'succeeded');
    });
    const all = ['worker', 'worker-2', 'bridge', 'bridge-2', 'temporal', 'kafka', 'postgres'];
    const killed = all.map((name) => ({ name, pid: kill(name) }));
    await Promise.all(killed.map(({ name, pid }) => isBack(name, pid)));
    const closed = await eventually(
      'the request is closed',
      async () => {
        const request = await as('requester').request(id);
        return request.status === 'closed' ? request : null;
      },
      90,
    );
    await control('POST', `gate/${TENANT}/slow`, { ms: 0 });
    const run = await as('requester').run(closed.runId!);
    expect(run.steps.map((step) => step.outcome)).toEqual(run.steps.map(() => 'succeeded'));
    const changes = (await writes(known)).flatMap(({ dn, operation, changes: made }) =>
      made.map((change) => `${dn} ${operation} ${change}`),
    );
    const counted = changes.filter((change) => !/(userPassword|pwdAccountLockedTime|pwdReset):/.test(change));
    expect(counted.length).toBeGreaterThan(2);
    expect([...new Set(counted)]).toEqual(counted);

    const back = await as('customer_admin').reinstate(closed.runId!);
    const waiting = await as('requester').untilStatus(back.id, ['awaiting_approval']);
    await as('approver').decide(back.id, 'approve', waiting.planHash!);
    await as('requester').untilStatus(back.id, ['closed']);
    expect(diffSnapshots(first, await snapshot())).toEqual([]);
  }, 180_000);
});
