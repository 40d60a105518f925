import { createInvitation } from '#libs/identity';
import { createLogger } from '#libs/platform/observability';
import { inTenants } from '#libs/platform/database';
import { servedIdOf, type ServedInput } from '#workflows';
import { sql } from 'kysely';
import { startApi, type RunningApi } from '../../apps/api/create-api.js';
import { freePort } from '../../tools/sandbox/directory/free-port.js';
import { eventually } from './eventually.js';
import { TENANT, type ProcessHarness } from './process-harness.js';

/** The API over a harness's database, at an address that passkeys can belong to. */
export async function startApiOf(harness: ProcessHarness): Promise<RunningApi> {
  const database = { url: harness.database.urlFor('api'), poolSize: 5 };
  // known beforehand: a passkey belongs to an address
  const port = await freePort();
  const publicUrl = `http://localhost:${port}`;
  const http = { host: '127.0.0.1', port, bodyLimitBytes: 10_000 };
  return startApi({ ...harness.config, database, http, publicUrl }, { logger: createLogger('api', 'silent') });
}

/** The last of at least `count` mails to an address. */
export const mailTo = ({ sandbox }: ProcessHarness, address: string, count = 1) =>
  eventually(`${count} mails to ${address}`, async () => {
    const mails = sandbox.mail.mails.list();
    const found = mails.filter((mail) => mail.to.includes(address));
    return found.length >= count ? found.at(-1)! : Promise.reject(new Error(JSON.stringify(mails.map(({ to }) => to))));
  });

/** The link in a mail, as it is reached in a test. */
export function linkIn(api: RunningApi, text: string): string {
  const { pathname } = new URL(/https?:\/\/\S+/.exec(text)![0]);
  return api.url + pathname;
}

/** Waits in real time: `result()` would let the server's time run on meanwhile, past other questions' reminders. */
export const ended = (handle: { describe(): Promise<{ readonly status: { readonly name: string } }> }) =>
  eventually('the workflow has ended', async () => (await handle.describe()).status.name === 'COMPLETED');

let guests = 0;
/** Somebody who is invited, with the workflow that serves it, as the bridge starts it. */
export async function invited(harness: ProcessHarness, { endsInSeconds }: { endsInSeconds?: number } = {}) {
  harness.sandbox.mail.clear();
  guests += 1;
  const mail = `gast${guests}@firma.example`;
  const who = { mail, name: 'Gerda Gast', language: 'de', source: 'invitation', byMail: true } as const;
  const grants = [{ role: 'approver', covers: 'home', coversId: null }] as const;
  const { id } = await inTenants(harness.api, [TENANT], (tx) =>
    createInvitation(tx, { tenant: TENANT, ...who, grants, by: 'customer_admin@muster' }),
  );
  if (endsInSeconds !== undefined)
    await sql`UPDATE invitations SET expires_at = now() + ${endsInSeconds} * interval '1 second' WHERE id = ${id}`.execute(
      harness.database.admin,
    );
  const handle = await harness.temporal.workflow.start('invitation', {
    workflowId: servedIdOf(TENANT, 'invitation', id),
    taskQueue: harness.config.temporal.taskQueue,
    args: [{ tenant: TENANT, id } satisfies ServedInput],
  });
  return { id, mail, handle };
}
