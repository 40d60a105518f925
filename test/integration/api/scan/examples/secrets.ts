import { newId } from '#libs/kernel';
import type { RouteExamples } from '../example.js';
import type { Things } from '../things.js';

/** A secret as the table keeps it; nothing opens it here. */
async function secret({ admin, tenant }: Things): Promise<string> {
  const name = `s-${newId()}`;
  const sealed = { key_id: 'local:1', wrapped_key: Buffer.alloc(60), ciphertext: Buffer.alloc(40) };
  const row = { tenant_id: tenant, name, version: 1, id: newId(), set_by: `somebody@${tenant}`, ...sealed };
  await admin.insertInto('secrets').values(row).execute();
  return name;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A payload by a key that is gone: it stays as it is, and that somebody asked is on record. */
function unreadable(tenant: string) {
  const metadata = { encoding: base64('binary/encrypted'), 'stellwerk-key': base64(`${tenant}/999`) };
  return { metadata, data: base64('x'.repeat(60)) };
}

export const secretExamples: RouteExamples = {
  decodePayloads: ({ tenant }) => ({ body: { payloads: [unreadable(tenant)] } }),
  listSecrets: async (things) => {
    await secret(things);
    return {};
  },
  putSecret: async (things) => ({ path: { name: await secret(things) }, body: { value: 'another value' } }),
  deleteSecret: async (things) => ({ path: { name: await secret(things) } }),
};
